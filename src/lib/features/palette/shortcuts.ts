import { commandKey } from '$lib/features/shell/command-key.ts';

export type Shortcut = { keys: readonly string[]; what: string };

/** Every shortcut there is, by where it works. The list that people see is made from it. */
export function shortcuts(): readonly { where: string; list: readonly Shortcut[] }[] {
  const command = commandKey();
  return [
    {
      where: 'Everywhere',
      list: [
        { keys: [command, 'K'], what: 'Go to a room, task, board or person' },
        { keys: [command, '/'], what: 'Show this list' },
        { keys: ['Alt', '↓'], what: 'Next unread room' },
        { keys: ['Alt', '↑'], what: 'Previous unread room' },
        { keys: ['F6'], what: 'Next part of the page' },
        { keys: ['Shift', 'F6'], what: 'Previous part of the page' },
        { keys: ['Esc'], what: 'Close what is open, or leave what is being written' },
      ],
    },
    {
      where: 'Writing',
      list: [
        { keys: ['Enter'], what: 'Send' },
        { keys: ['Shift', 'Enter'], what: 'New line' },
        { keys: ['↑'], what: 'In an empty box: edit your last message' },
        { keys: ['@'], what: 'Mention somebody' },
        { keys: [':'], what: 'Choose an emoji by its name' },
      ],
    },
    {
      where: 'In a conversation',
      list: [
        { keys: ['↑', '↓'], what: 'Walk through the messages' },
        { keys: ['Tab'], what: 'To the menu of a message' },
        { keys: ['Esc'], what: 'Back to the box' },
      ],
    },
    {
      where: 'In the inbox',
      list: [
        { keys: ['J'], what: 'Next notification; also ↓' },
        { keys: ['K'], what: 'Previous notification; also ↑' },
        { keys: ['Enter'], what: 'Open at the message' },
        { keys: ['E'], what: 'Done, or back to the inbox' },
        { keys: ['U'], what: 'Mark as unread, or as read' },
      ],
    },
    {
      where: 'On a board',
      list: [
        { keys: ['↑', '↓', '←', '→'], what: 'Walk from card to card' },
        { keys: ['Space'], what: 'Lift a card; move it by the arrows, and put it down by Space' },
        { keys: ['Esc'], what: 'Put a lifted card back' },
      ],
    },
  ];
}
