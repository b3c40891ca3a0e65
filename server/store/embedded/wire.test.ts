import { describe, expect, test } from 'vitest';
import { concat, errorResponse, readyForQuery, recode } from './wire.ts';

describe('recode', () => {
  test('[DB30] gives the errors that have one SQLSTATE another, and leaves everything else as it is', () => {
    const said = 'C25006 is what “grün” said';
    const answer = concat([
      errorResponse('ERROR', '25006', said),
      errorResponse('ERROR', '42601', 'C25006'),
      readyForQuery(),
    ]);
    const before = answer.slice();
    expect(recode(answer, '25006', '53100')).toEqual(
      concat([errorResponse('ERROR', '53100', said), errorResponse('ERROR', '42601', 'C25006'), readyForQuery()]),
    );
    expect(answer).toEqual(before);
  });

  test('[DB30] what it gives can be handed to another thread', () => {
    const { buffer } = recode(readyForQuery(), '25006', '53100');
    const port = new MessageChannel().port1;
    port.postMessage(buffer, [buffer as ArrayBuffer]);
    port.close();
    expect(buffer.byteLength).toBe(0);
  });
});
