// Who may import whom. ARCHITECTURE.md says it in words; a folder of server/ that is not named here is a new slice,
// which may use the core and lib and nothing else until it has its place in the order.

/** Slices, lowest first: each may import those before it. */
const slices = [
  'users',
  'shops',
  'catalog',
  'inventory',
  'stock-sync',
  'finance',
  'orders',
  'fulfilment',
  'returns',
  'intake',
  'flows',
  'webhooks',
  'privacy',
  'search',
  'exports',
  'alarms',
  'reports',
  'overview',
  'relay',
  'mcp',
]

/** Folders of server/ that are not slices. */
const coreFolders = ['lib', 'core']
const otherFolders = ['wire', 'connectors', 'carriers', 'start', 'merchants', 'testing', 'rules']

/** Files directly in server/ that see every slice, as start/ and merchants/ do. The others there, settings, errors and events, are core. */
const appFiles = ['main', 'app', 'worker', 'relay', 'watchdog']

const tests = '(\\.test\\.tsx?$|^server/(testing|rules)/|^server/(connectors|carriers)/conformance/)'
const notSlices = [...coreFolders, ...otherFolders].join('|')
const anySlice = `^server/(?!(?:${notSlices})/)[^/]+/`
const app = `^server/((${appFiles.join('|')})\\.ts$|start/|merchants/)`
const core = `^server/((?!(?:${appFiles.join('|')})\\.ts$)[^/]+\\.ts$|core/)`
// The marketplaces' contract is among them for its words for a status, the couriers for their names, the permissions for
// theirs, money-text so that amounts look alike everywhere.
const shared =
  '((^|/|-)(contract|lifecycle|rules)|^server/(connectors/(connector|couriers|personal-parts)|core/decide|lib/(address/(divisions|parse-address)|money-text|provinces|trouble-words|localized-text|facets|text-hash|json)|orders/order/facets|users/permissions))\\.ts$'

/** The one flow that lies below intake, which calls it while refunds are staged: server/flows/README.md. */
const refundFlow = '^server/flows/refund-applied\\.ts$'

const sliceOrder = slices.slice(0, -1).map((slice, index) => ({
  name: `${slice}-looks-down-only`,
  comment:
    'News for a higher slice is a job enqueued by name; a verb that spans slices lives in the highest of them.',
  severity: 'error',
  from: { path: `^server/${slice}/`, pathNot: tests },
  to: {
    path: `^server/(${slices.slice(index + 1).join('|')})/`,
    ...(slice === 'intake' && { pathNot: refundFlow }),
  },
}))

/**
 * The rooms of a slice, lowest first: a room may import those before it. Of the files beside the rooms, the tables of contents are above all
 * of them, and the others below.
 */
const rooms = {
  orders: [
    'order',
    'buyers',
    'list',
    'sourcing',
    'allocation',
    'settle',
    'shipments',
    'status',
    'holds',
    'gifts',
    'refunds',
    'review',
    'create',
    'platform-changes',
    'substitute',
    'split',
    'view',
    'merge',
    'archive',
  ],
  catalog: ['listings', 'skus'],
  inventory: ['documents', 'bins', 'counting'],
  fulfilment: [
    'asking',
    'intercepts',
    'shipping',
    'waybills',
    'papers',
    'printing',
    'desk',
    'tracking',
    'waves',
    'stations',
    'write-back',
    'handouts',
  ],
  returns: ['write-back', 'receiving', 'following', 'parcels', 'view'],
  users: ['sign-in', 'accounts'],
  intake: [
    'staged',
    'trades',
    'refunds',
    'downloads',
    'asking',
    'push',
    'sheets',
    'parked',
    'coverage',
    'doubts',
    'aftersales',
  ],
}
const tablesOfContents =
  '(batch-actions|demo|find|jobs|lists|lists-contract|outbox|routes|sealed|tasks|testing|verbs|verbs-contract)\\.ts$'
const ground = `(?!${tablesOfContents})[^/]+\\.ts$`

const roomOrder = Object.entries(rooms).flatMap(([slice, names]) => [
  {
    name: `${slice}-has-a-room-without-a-place`,
    severity: 'error',
    from: { path: `^server/${slice}/(?!(?:${names.join('|')})/)([^/]+)/`, pathNot: tests },
    to: { path: `^server/${slice}/`, pathNot: `^server/${slice}/$1/` },
  },
  {
    name: `${slice}-ground-is-below-its-rooms`,
    severity: 'error',
    from: { path: `^server/${slice}/${ground}`, pathNot: tests },
    to: { path: `^server/${slice}/[^/]+/` },
  },
  ...names.map((room, index) => ({
    name: `${slice}-${room}-looks-down-only`,
    comment: 'Two rooms that know each other are one. What both need lies in a room below.',
    severity: 'error',
    from: { path: `^server/${slice}/${room}/`, pathNot: tests },
    to: {
      path: `^server/${slice}/`,
      pathNot: `^server/${slice}/(${ground}|(${names.slice(0, index + 1).join('|')})/)`,
    },
  })),
])

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    // The build makes the modules of the guide: web/guide/plugin.ts.
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^virtual:guide$' },
    },
    {
      name: 'lib-are-leaves',
      severity: 'error',
      from: { path: '^server/lib/', pathNot: tests },
      to: { path: '^(server|web|sandbox|bench|e2e|scripts)/', pathNot: '^server/lib/' },
    },
    {
      name: 'core-knows-no-slice',
      severity: 'error',
      from: { path: core, pathNot: tests },
      // The list of permissions is words without behaviour, which every route needs.
      to: { path: `${anySlice}|${app}`, pathNot: '^server/users/permissions\\.ts$' },
    },
    {
      name: 'slices-know-no-app',
      severity: 'error',
      from: { path: anySlice, pathNot: tests },
      to: { path: app },
    },
    ...sliceOrder,
    {
      name: 'applied-refunds-lie-below-intake',
      severity: 'error',
      from: { path: refundFlow },
      to: { path: `^server/(${slices.slice(slices.indexOf('intake')).join('|')})/` },
    },
    ...roomOrder,
    {
      name: 'a-new-slice-has-no-place-yet',
      comment: 'Name it in `slices` of this file.',
      severity: 'error',
      from: { path: `^server/(?!(?:${notSlices}|${slices.join('|')})/)([^/]+)/`, pathNot: tests },
      to: { path: anySlice, pathNot: '^server/$1/' },
    },
    {
      name: 'queries-belong-to-their-slice',
      severity: 'error',
      from: { path: '^server/([^/]+)/', pathNot: tests },
      to: { path: '(^|/|-)queries\\.ts$', pathNot: '^server/$1/' },
    },
    {
      name: 'app-calls-verbs-not-queries',
      severity: 'error',
      from: { path: '^server/([^/]+\\.ts$|start/)', pathNot: tests },
      to: { path: '(^|/|-)queries\\.ts$' },
    },
    {
      name: 'connectors-stand-alone',
      comment:
        'A connector translates: it knows connector.ts, what lies beside that, posted/, wire, lib, and its own folder.',
      severity: 'error',
      from: { path: '^server/connectors/([^/]+)/', pathNot: tests },
      to: {
        path: '^(server|web|sandbox|bench|e2e|scripts)/',
        pathNot: '^server/(lib/|wire/|connectors/(?!index\\.ts$)[^/]+\\.ts$|connectors/(posted|$1)/)',
      },
    },
    {
      name: 'connector-contract-is-a-leaf',
      severity: 'error',
      from: { path: '^server/connectors/[^/]+\\.ts$', pathNot: tests },
      to: { path: '^server/', pathNot: '^server/(lib|wire|connectors)/' },
    },
    {
      name: 'wire-knows-no-platform',
      comment: 'Signing and transport, for whoever calls a platform.',
      severity: 'error',
      from: { path: '^server/wire/', pathNot: tests },
      to: { path: '^server/', pathNot: '^server/(lib|wire)/' },
    },
    {
      name: 'connectors-through-the-registry',
      severity: 'error',
      from: { path: '^server/', pathNot: `${tests}|^server/(connectors|carriers)/` },
      to: { path: '^server/connectors/[^/]+/' },
    },
    {
      name: 'carriers-stand-alone',
      comment:
        'A source of waybill numbers translates, like a connector. One that is called like a marketplace uses the client and the codes of its connector.',
      severity: 'error',
      from: { path: '^server/carriers/([^/]+)/', pathNot: tests },
      to: {
        path: '^(server|web|sandbox|bench|e2e|scripts)/',
        pathNot:
          '^server/(lib/|wire/|connectors/([^/]+\\.ts$|[^/]+/(client|couriers)\\.ts$)|carriers/(?!index\\.ts$)[^/]+\\.ts$|carriers/$1/)',
      },
    },
    {
      name: 'carriers-through-the-registry',
      severity: 'error',
      from: { path: '^server/', pathNot: `${tests}|^server/carriers/` },
      to: { path: '^server/carriers/[^/]+/' },
    },
    {
      name: 'web-sees-contracts-only',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^(server|sandbox|bench|e2e|scripts)/', pathNot: shared },
    },
    {
      name: 'contracts-run-in-a-browser',
      severity: 'error',
      from: { path: shared },
      to: { path: '^server/', pathNot: `${shared}|^server/lib/`, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'contracts-need-no-node',
      severity: 'error',
      from: { path: shared },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'sandbox-shares-nothing',
      comment: 'A shared mistake about a platform would pass every test.',
      severity: 'error',
      from: { path: '^sandbox/' },
      to: { path: '^(server|web|bench|e2e|scripts)/' },
    },
    {
      name: 'server-knows-no-sandbox',
      severity: 'error',
      from: { path: '^server/', pathNot: tests },
      to: { path: '^(sandbox|web|bench|e2e|scripts)/' },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    // The parser stops at `await using`, which tests are full of; and tests may import what they like.
    exclude: { path: '(^|/)(dist|data)/|[.-]test\\.tsx?$|^(e2e|bench)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default', 'require'],
    },
  },
}
