/** A small team in the middle of its work, for looking at and for trying things out. */
export const PASSWORD = 'taskflow demo';

export const PEOPLE = [
  { username: 'olga', name: 'Olga Marin', role: 'owner' },
  { username: 'anna', name: 'Anna Berg', role: 'member' },
  { username: 'ben', name: 'Ben Okafor', role: 'member' },
  { username: 'chiara', name: 'Chiara Rossi', role: 'member' },
  { username: 'dmitri', name: 'Dmitri Volkov', role: 'commenter' },
  { username: 'emi', name: 'Emi Tanaka', role: 'viewer' },
] as const;
export type Name = (typeof PEOPLE)[number]['username'];

interface SeedTask {
  title: string;
  for?: Name[];
  comments?: [Name, string][];
}

export const BOARD = {
  title: 'Spring launch',
  columns: [
    {
      title: 'Ideas',
      tasks: [
        { title: 'A short film about the first season' },
        { title: 'Postcards for the opening week' },
        { title: 'Ask last year’s visitors what they missed', for: ['emi'] },
        { title: 'A printed map, for people without a phone' },
      ],
    },
    {
      title: 'Next',
      tasks: [
        { title: 'Agree on the opening hours', for: ['olga'] },
        { title: 'Translate the programme into Italian', for: ['chiara'] },
        {
          title: 'Order the signs for the entrance',
          for: ['ben'],
          comments: [
            ['ben', 'The printer needs the files by Thursday. @chiara, are the final colours in the shared folder?'],
            ['chiara', 'They are, since this morning. The green is a little darker than on the posters.'],
          ],
        },
      ],
    },
    {
      title: 'Doing',
      tasks: [
        {
          title: 'New front page',
          for: ['anna', 'chiara'],
          comments: [
            ['anna', 'First version is up. The picture at the top still loads slowly on a phone.'],
            ['olga', 'Looks good! Could the dates stand **above** the picture? @anna'],
            ['anna', 'Done. I also made the button larger:\n\n```css\n.button { min-height: 44px; }\n```'],
            ['dmitri', 'Much easier to hit now.'],
          ],
        },
        { title: 'Move the mailing list', for: ['dmitri', 'ben'] },
      ],
    },
    {
      title: 'Done',
      tasks: [
        { title: 'Book the hall', for: ['olga'] },
        { title: 'Fix the broken links in the old programme', for: ['ben'] },
        { title: 'Choose a date' },
      ],
    },
  ] as { title: string; tasks: SeedTask[] }[],
  rooms: [
    {
      name: 'General',
      messages: [
        [
          'olga',
          'Good morning! This is our board for the spring. Say hello, and put everything you remember into Ideas.',
        ],
        ['anna', 'Hello everybody.'],
        ['ben', 'Morning! Back from the printer. They can do the signs in a week.'],
        ['chiara', '@ben perfect. Then we have two days left for corrections.'],
        ['dmitri', 'I can only comment and not move cards, is that on purpose? @olga'],
        ['olga', '@dmitri yes, until the mailing list has moved. Tell me if it gets in your way.'],
        ['dmitri', 'No, that is fine.'],
        ['anna', 'The front page is online for trying out. Please look at it on a phone too.'],
        ['ben', 'On mine the menu covers the date. Everything else is lovely.'],
        ['anna', 'Thank you, I see it. Give me ten minutes.'],
        ['anna', 'Fixed.'],
        [
          'chiara',
          'The Italian texts arrive on Friday. I keep a list of open questions:\n\n- opening hours on Sunday\n- the name of the small room\n- who answers the telephone',
        ],
        ['olga', 'Sunday is 10 to 17. @ben, would you take the telephone in the first week?'],
        ['ben', 'Gladly.'],
      ],
    },
    {
      name: 'Design',
      messages: [
        ['chiara', 'Three greens to choose from: `#2f7d5b`, `#3a8f6a`, `#27664a`.'],
        ['anna', 'The third has the best contrast on white: 6.9 to 1.'],
        ['olga', 'Then the third.'],
        ['chiara', 'Good. I will change the posters. @ben, please wait with the signs until tonight.'],
      ],
    },
  ] as { name: string; messages: [Name, string][] }[],
};
