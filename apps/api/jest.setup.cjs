/* global jest */
// A whole service starts before the first test, and the first time all of it is compiled.
jest.setTimeout(60_000);
