import type { Locator, Page } from '@playwright/test';
import { call, type Person } from '../harness/people.ts';
import type { TestServer } from '../harness/server.ts';

export const sidebar = (page: Page): Locator => page.getByRole('navigation', { name: 'Boards and rooms' });
export const roomLink = (page: Page, name = 'Surprise'): Locator =>
  sidebar(page).getByRole('link', { name: new RegExp(`^${name} ?, private`) });
/** Opens the list of who is in the room. */
export const company = (page: Page): Locator => page.getByRole('button', { name: /in this room$/ });
export const peopleDialog = (page: Page): Locator => page.getByRole('dialog', { name: 'People in this room' });

/** A private room of this person with these people in it, made through the API. */
export async function privateRoom(
  server: TestServer,
  maker: Person,
  o: { board: string; name?: string; people?: readonly Person[] },
): Promise<string> {
  const { id } = await call<{ id: string }>(server, maker, 'POST', `/boards/${o.board}/rooms`, {
    name: o.name ?? 'Surprise',
    private: true,
  });
  for (const person of o.people ?? []) await call(server, maker, 'PUT', `/rooms/${id}/members/${person.id}`);
  return id;
}
