import { defineConfig } from '@hey-api/openapi-ts';

export default defineConfig({
  input: process.env.OPENAPI ?? 'http://127.0.0.1:9000/openapi.json',
  output: 'client',
  // One type for requests and responses, instead of a second one without read-only fields.
  parser: { transforms: { readWrite: false } },
  plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
});
