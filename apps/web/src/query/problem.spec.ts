import { placeOf, problemOf } from './problem.js';

test.each([
  { name: 'a problem', body: { title: 'Invalid scenario', detail: 'a pod is not there', errors: [{ code: 'UnknownPlace', detail: 'no pod', pointer: '#/scenario/flows/0/from/pod' }] }, message: 'Invalid scenario: a pod is not there', places: ['#/scenario/flows/0/from/pod'] },
  { name: 'a problem in a file', body: { title: 'Bad', errors: [{ detail: 'x', file: 'a.yaml', line: 3, column: 1, pointer: '#/a' }] }, message: 'Bad', places: ['a.yaml:3:1'] },
  { name: 'no JSON', body: null, message: 'The service answered 502', places: [] },
  { name: 'something else', body: { errors: 'all' }, message: 'The service answered 502', places: [] },
])('$name', ({ body, message, places }) => {
  const problem = problemOf(502, body);
  expect([problem.message, problem.fields.map(placeOf)]).toEqual([message, places]);
});
