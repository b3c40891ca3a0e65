/** Of who is on a board. */
export const memberKey = (board: string, user: string): string => `${board}/${user}`;
/** Of who is in a private room. */
export const insideKey = (room: string, user: string): string => `${room}/${user}`;
