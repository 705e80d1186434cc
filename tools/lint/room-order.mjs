import { dirname, join, relative, sep } from 'node:path';
import { ROOMS } from './rooms.mjs';

const root = join(import.meta.dirname, '../..');

/** ESLint rule: inside a library a room imports only rooms before it in the list, and only through their index.ts. A spec may look up. */
export const roomOrder = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      unknownRoom: "'{{room}}' is not a room of {{library}}: add it to tools/lint/rooms.mjs in its place.",
      upwards: "Room '{{from}}' imports room '{{to}}', which stands above it.",
      door: "Room '{{to}}' is entered through its index.ts only.",
      loose: 'Only index.ts stands outside the rooms of {{library}}.',
      libraryDoor: "A room does not import the library's own index.ts.",
    },
  },
  create(context) {
    const place = placeOf(relative(root, context.filename));
    if (place === undefined) return {};
    const check = (source) => {
      if (typeof source?.value !== 'string' || !source.value.startsWith('.')) return;
      const target = placeOf(relative(root, join(dirname(context.filename), source.value)));
      const problem = target && problemOf(place, target);
      if (problem) context.report({ node: source, messageId: problem, data: { from: place.room, to: target.room, library: place.library } });
    };
    return {
      Program(node) {
        if (place.room === undefined && !place.isDoor) context.report({ node, messageId: 'loose', data: place });
        else if (place.room !== undefined && rankOf(place) < 0) context.report({ node, messageId: 'unknownRoom', data: place });
      },
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      TSImportType: (node) => check(node.source ?? node.argument?.literal),
    };
  },
};

/** Where a path stands: the library, the room (undefined beside the library's index.ts) and whether it is a door. */
function placeOf(path) {
  const parts = path.split(sep);
  const library = parts.slice(0, 2).join('/');
  if (ROOMS[library] === undefined || parts[2] !== 'src') return undefined;
  const [room, ...rest] = parts.slice(3);
  if (rest.length === 0 && /\.[cm]?[jt]s$/.test(room)) return { library, room: undefined, isDoor: /^index\.[jt]s$/.test(room) };
  const isSpec = path.endsWith('.spec.ts');
  return { library, room, isSpec, isDoor: rest.length === 1 && /^index\.[jt]s$/.test(rest[0]) };
}

function problemOf(place, target) {
  if (target.library !== place.library || target.room === place.room) return undefined;
  if (target.room === undefined) return 'libraryDoor';
  if (place.room !== undefined && !place.isSpec && rankOf(target) > rankOf(place)) return 'upwards';
  return target.isDoor ? undefined : 'door';
}

function rankOf({ library, room }) {
  return ROOMS[library].indexOf(room);
}
