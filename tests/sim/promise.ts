/** Which promise a problem is about: its words without what is of one run. */
export function promiseOf(problem: string): string {
  const [head = ''] = problem.split(': ');
  return head.replace(/[0-9a-z]{16,}|\d+/g, '#');
}
