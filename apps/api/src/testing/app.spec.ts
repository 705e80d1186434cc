import { createApp, DEFAULT_API_OPTIONS } from '../create-app.js';
import { memoryService } from './memory-backend.js';

test('starts', async () => {
  const service = memoryService();
  const app = await createApp(service, {...DEFAULT_API_OPTIONS, log: {level: 'error'}});
  for (const url of ['/health/live', '/health/ready', '/openapi.json', '/metrics', '/docs', '/nope', '/simulations', '/simulations/x']) {
    const r = await app.inject({ url });
    console.log(url, r.statusCode, r.headers['content-type'], r.body.slice(0, 300));
  }
  const r = await app.inject({ method: 'POST', url: '/graphql', payload: { query: '{ simulations { totalCount nodes { id } } }' } });
  console.log(r.statusCode, r.body);
  await app.close();
});
