/* global jest */
// A whole service and a browser start before the first test.
jest.setTimeout(180_000);
