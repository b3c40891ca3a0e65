/** Documents whose heads one question may be about: as many names as a request line holds. */
export const HEADS_OF = 200;
