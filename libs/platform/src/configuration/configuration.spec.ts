import { OperatingError } from '@worldline/application';
import { readConfiguration } from './index.js';

const DATABASE_URL = 'postgresql://u@127.0.0.1:5432/postgres';

it('fills in what is not said', () => {
  expect(readConfiguration({ DATABASE_URL, REDIS_URL: '' })).toMatchObject({ databaseUrl: DATABASE_URL, redisUrl: null, host: '127.0.0.1', port: 8080, logLevel: 'info', explorer: null, jobs: 'bullmq' });
});

it('takes what is said', () => {
  expect(readConfiguration({ DATABASE_URL, REDIS_URL: 'redis://r:6379', PORT: '0', WORLDLINE_CONCURRENCY: '3' })).toMatchObject({ redisUrl: 'redis://r:6379', port: 0, concurrency: 3 });
});

it.each([
  [{}, /DATABASE_URL/],
  [{ DATABASE_URL: 'mysql://x/y' }, /DATABASE_URL/],
  [{ DATABASE_URL, PORT: '99999' }, /PORT/],
  [{ DATABASE_URL, REDIS_URL: 'localhost', LOG_LEVEL: 'loud' }, /REDIS_URL[^]*LOG_LEVEL/],
  [{ DATABASE_URL, WORLDLINE_JOBS: 'x; drop' }, /WORLDLINE_JOBS/],
])('refuses %j by name', (environment, message) => {
  expect(() => readConfiguration(environment)).toThrow(OperatingError);
  expect(() => readConfiguration(environment)).toThrow(message);
});
