import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import exceljs from 'exceljs'
import { sql } from 'kysely'
import { createQueues } from '../server/core/jobs/job.ts'
import { defaultTemplate } from '../server/fulfilment/papers/paper-rules.ts'
import { memoryKeyRing } from '../server/lib/seal.ts'
import { usualRule } from '../server/stock-sync/lifecycle.ts'
import { type Caller, type TestApp, testApp } from '../server/testing/app.ts'
import { bodyFor } from '../server/testing/sample-input.ts'
import { verbs as declared, jobs } from '../server/worker.ts'
import { everythingOf, type Filled, fillShop } from './two-shops.ts'

// Two shops with one row of each kind, and a user with all permissions for one of them only.

let house: TestApp
let mine: Filled
let theirs: Filled
let boss: Caller
let clerk: Caller
let before_: Record<string, string>

before(async () => {
  house = await testApp()
  await createQueues(house.db, jobs)
  boss = await house.as(['*'])
  mine = await fillShop(house, boss, '青禾家居', '2')
  theirs = await fillShop(house, boss, '禁地百货', '7')
  // A sheet of parcels has the number of its shop here.
  await sql`insert into handout (id, shop_id, parcels, columns, created_by) overriding system value
    select id, id, 1, '[{"field":"tid","title":"交易编号"}]', '周强' from shop where id = any(${[mine.id, theirs.id]}::bigint[])`.execute(
    house.db,
  )
  clerk = await house.as(['*'], [mine.id])
  before_ = await everythingOf(house.db, theirs.id)
})
after(() => house[Symbol.asyncDispose]())

const verbsOfAll = declared(memoryKeyRing())

/** Rows of declared verbs that belong to no shop: goods, documents and parcels of warehouses, and messages of subscriptions. */
const ofNoShop = new Set(['sku', 'stockDocument', 'parcel', 'countTask', 'webhookMessage'])

/** Routes that have no shops, with the reason. */
const withoutShops: Record<string, string> = {
  ...Object.fromEntries(
    verbsOfAll.flatMap(({ path, rows: { of } }) => (ofNoShop.has(of) ? [[`POST /api${path}`, of]] : [])),
  ),
  'GET /api/connectors': 'what the product can speak to',
  'GET /api/waybill-sources': 'what the product can speak to',
  'GET /api/api-keys': 'keys of programs, without data of shops',
  'DELETE /api/api-keys/:id': 'keys of programs',
  'GET /api/relays': 'names of one’s own shops only: server/shops/relays/relays.test.ts',
  'POST /api/relays': 'relays, without data of shops',
  'POST /api/relays/:id/key': 'relays, without data of shops',
  'DELETE /api/relays/:id': 'relays, without data of shops',
  'POST /api/relay/calls': 'the key of a relay only, which gets what its own shops are asked',
  'POST /api/relay/answers': 'the key of a relay only',
  'POST /api/relay/channels': 'the key of a relay only',
  'POST /api/relay/messages': 'the key of a relay only',
  'GET /api/health': 'of the house: for users with all shops and warehouses',
  'GET /api/health/sizes': 'of the house: for users with all shops and warehouses',
  'GET /api/watchdogs': 'of the house: for users with all shops and warehouses',
  'POST /api/watchdogs': 'of the house: for users with all shops and warehouses',
  'DELETE /api/watchdogs/:id': 'of the house: for users with all shops and warehouses',
  'GET /api/watchdog': 'the key of a watchdog only',
  'GET /api/alarm-channels': 'of the house: for users with all shops and warehouses',
  'POST /api/alarm-channels': 'of the house: for users with all shops and warehouses',
  'PATCH /api/alarm-channels/:id': 'of the house: for users with all shops and warehouses',
  'DELETE /api/alarm-channels/:id': 'of the house: for users with all shops and warehouses',
  'POST /api/alarm-channels/:id/test': 'of the house: for users with all shops and warehouses',
  'POST /api/privacy/find': 'needs all shops and warehouses: server/privacy/erase.test.ts',
  'POST /api/privacy/export': 'needs all shops and warehouses: server/privacy/erase.test.ts',
  'POST /api/privacy/erasures': 'needs all shops and warehouses: server/privacy/erase.test.ts',
  'GET /api/privacy/erasures': 'needs all shops and warehouses: server/privacy/erase.test.ts',
  'GET /api/webhooks': 'within one’s own scope: server/webhooks/subscriptions.test.ts',
  'POST /api/webhooks': 'within one’s own scope: server/webhooks/subscriptions.test.ts',
  'PATCH /api/webhooks/:id': 'within one’s own scope: server/webhooks/subscriptions.test.ts',
  'DELETE /api/webhooks/:id': 'within one’s own scope: server/webhooks/subscriptions.test.ts',
  'POST /api/webhooks/:id/state': 'within one’s own scope: server/webhooks/subscriptions.test.ts',
  'POST /api/webhooks/:id/rotate': 'within one’s own scope: server/webhooks/subscriptions.test.ts',
  'POST /api/webhooks/:id/test': 'within one’s own scope: server/webhooks/subscriptions.test.ts',
  'GET /api/webhook-messages': 'within one’s own scope: server/webhooks/subscriptions.test.ts',
  'GET /api/webhook-messages/counts': 'within one’s own scope: server/webhooks/subscriptions.test.ts',
  'GET /api/webhook-messages/count': 'within one’s own scope: server/webhooks/subscriptions.test.ts',
  'GET /api/webhook-messages/:id': 'within one’s own scope: server/webhooks/subscriptions.test.ts',
  'GET /api/users': 'people',
  'GET /api/users/:id/sessions': 'people',
  'DELETE /api/users/:id/sessions': 'people',
  'DELETE /api/users/:id/two-factor': 'people',
  'POST /api/users/:id/password-link': 'people',
  'GET /api/roles': 'roles',
  'POST /api/roles': 'roles',
  'PATCH /api/roles/:id': 'roles',
  'DELETE /api/roles/:id': 'roles',
  'GET /api/me': 'oneself',
  'PATCH /api/me': 'oneself',
  'POST /api/me/password': 'oneself',
  'GET /api/me/sessions': 'oneself',
  'GET /api/number-runs/last': 'one’s own requests',
  'POST /api/number-runs/stop': 'one’s own requests',
  'GET /api/print-jobs': 'one’s own jobs',
  'DELETE /api/me/sessions': 'oneself',
  'DELETE /api/me/sessions/:id': 'oneself',
  'POST /api/me/two-factor': 'oneself',
  'POST /api/me/two-factor/confirm': 'oneself',
  'POST /api/me/two-factor/disable': 'oneself',
  'GET /api/views': 'saved filters',
  'POST /api/views': 'saved filters',
  'PATCH /api/views/:id': 'saved filters',
  'DELETE /api/views/:id': 'saved filters',
  'GET /api/products': 'what the house sells',
  'POST /api/products': 'what the house sells',
  'PATCH /api/products': 'what the house sells',
  'POST /api/products/retire': 'what the house sells',
  'GET /api/skus': 'what the house sells',
  'GET /api/skus/count': 'what the house sells',
  'GET /api/exports/skus.xlsx': 'what the house sells',
  'GET /api/skus/counts': 'what the house sells',
  'GET /api/sku-choices': 'what the house sells',
  'GET /api/skus/:id':
    'what the house sells, with the listings of one’s own shops: server/catalog/routes.test.ts',
  'GET /api/couriers': 'whom goods are sent with',
  'PUT /api/choice-rules/warehouse':
    'the house’s, by who sees every shop: server/orders/sourcing/choice.test.ts',
  'PUT /api/choice-rules/courier':
    'the house’s, by who sees every shop: server/orders/sourcing/choice.test.ts',
  'GET /api/choice-rules': 'without rules of other shops only: server/orders/sourcing/choice.test.ts',
  'GET /api/bill-days': 'sums by shop, of one’s own only: server/finance/recon.test.ts',
  'GET /api/exports/reports.xlsx': 'sums by shop, of one’s own only: server/reports/sheet.test.ts',
  'GET /api/report-subscriptions':
    'one’s own subscriptions; a mail has what its user may see: server/reports/mails.test.ts',
  'POST /api/report-subscriptions':
    'a subscription of one’s own, of a shop of one’s own: server/reports/mails.test.ts',
  'POST /api/report-subscriptions/switch': 'one’s own subscriptions: server/reports/mails.test.ts',
  'POST /api/report-subscriptions/again': 'one’s own subscriptions: server/reports/mails.test.ts',
  'GET /api/report-thresholds':
    'one’s own thresholds; a notice has shops that its user may see: server/reports/thresholds/thresholds.test.ts',
  'POST /api/report-thresholds':
    'a threshold of one’s own, of a shop of one’s own: server/reports/thresholds/thresholds.test.ts',
  'POST /api/report-thresholds/switch': 'one’s own thresholds: server/reports/thresholds/thresholds.test.ts',
  'POST /api/report-thresholds/again': 'one’s own thresholds: server/reports/thresholds/thresholds.test.ts',
  'GET /api/reports/figures': 'sums by shop, of one’s own only: server/reports/reports.test.ts',
  'GET /api/bill-days/causes': 'of one shop that one sees: server/finance/recon.test.ts',
  'GET /api/waybill-rules':
    'accounts of one’s own shops; those of others by their id only: server/fulfilment/waybills/rules.test.ts',
  'PUT /api/waybill-rules': 'the house’s, by who sees every shop: server/fulfilment/waybills/rules.test.ts',
  'GET /api/gift-rules': 'without rules of other shops only: server/orders/gifts/gifts.test.ts',
  'PUT /api/gift-rules': 'the house’s, by who sees every shop: server/orders/gifts/gifts.test.ts',
  'GET /api/confirm-checks': 'what rules may check, of no shop',
  'GET /api/unclaimed-parcels': 'parcels of warehouses, of nobody yet',
  'GET /api/unclaimed-parcels/count': 'parcels of warehouses, of nobody yet',
  'GET /api/unclaimed-parcels/counts': 'parcels of warehouses, of nobody yet',
  'GET /api/unclaimed-parcels/:id/candidates':
    'a parcel of a warehouse; returns of own shops only: server/returns/parcels/parcels.test.ts',
  'POST /api/unclaimed-parcels': 'parcels of warehouses, of nobody yet',
  'POST /api/skus': 'what the house sells',
  'PATCH /api/skus': 'what the house sells',
  'PUT /api/skus/parts': 'what the house sells',
  'POST /api/skus/import': 'what the house sells',
  'GET /api/handovers': 'parcels of one’s own shops only: server/fulfilment/papers/papers.test.ts',
  'DELETE /api/paper-templates/:id':
    'those of shops that one sees only: server/fulfilment/papers/papers.test.ts',
  'POST /api/shops': 'a new shop is nobody’s yet',
  'GET /api/warehouses': 'warehouses serve every shop',
  'POST /api/warehouses': 'warehouses serve every shop',
  'PATCH /api/warehouses/:id': 'warehouses serve every shop',
  'GET /api/stock': 'quantities, of no shop',
  'GET /api/stock/counts': 'quantities, of no shop',
  'GET /api/exports/stock.xlsx': 'quantities, of no shop',
  'GET /api/stock/:id': 'quantities, of no shop',
  'GET /api/stock/:id/movements': 'orders of other shops without their numbers: inventory/documents.test.ts',
  'GET /api/stock/:id/reservations':
    'orders of other shops without their numbers: inventory/documents.test.ts',
  'GET /api/wave-rules':
    'rules of warehouses; counts parcels of one’s own shops only: server/fulfilment/waves/waves.test.ts',
  'PUT /api/wave-rules': 'rules of warehouses',
  'POST /api/waves/plan': 'of a warehouse, parcels of one’s own shops only',
  'GET /api/wave-work': 'who picked how much, of waves that one sees',
  'GET /api/bins': 'places in warehouses, of no shop',
  'GET /api/bins/counts': 'places in warehouses, of no shop',
  'GET /api/exports/bins.xlsx': 'places in warehouses, of no shop',
  'GET /api/exports/count-tasks.xlsx': 'goods of warehouses, of no shop',
  'POST /api/bins': 'places in warehouses, of no shop',
  'POST /api/bins/import': 'places in warehouses, of no shop',
  'GET /api/put-away': 'places in warehouses, of no shop',
  'POST /api/put-away': 'places in warehouses, of no shop',
  'GET /api/count-tasks': 'goods of warehouses, of no shop',
  'GET /api/count-tasks/counts': 'goods of warehouses, of no shop',
  'GET /api/count-tasks/count': 'goods of warehouses, of no shop',
  'GET /api/count-tasks/:id': 'goods of warehouses, of no shop',
  'POST /api/count-tasks': 'goods of warehouses, of no shop',
  'POST /api/count-tasks/:id/count': 'goods of warehouses, of no shop',
  'GET /api/count-tasks/:id/results': 'goods of warehouses, of no shop',
  'GET /api/stations/now':
    'a parcel of one’s own shops only: server/fulfilment/stations/stations.test.ts; names of colleagues',
  'POST /api/stations/scan':
    'a parcel of another shop is unknown: server/fulfilment/stations/stations.test.ts',
  'POST /api/stations/weigh': 'the parcel on a station: server/fulfilment/stations/stations.test.ts',
  'POST /api/stations/aside': 'the parcel on a station: server/fulfilment/stations/stations.test.ts',
  'POST /api/stations/recount': 'the parcel on a station: server/fulfilment/stations/stations.test.ts',
  'GET /api/stock-documents': 'documents of warehouses',
  'GET /api/stock-documents/counts': 'documents of warehouses',
  'GET /api/stock-documents/count': 'documents of warehouses',
  'GET /api/stock-documents/:id': 'documents of warehouses',
  'POST /api/stock-documents': 'documents of warehouses',
  'PUT /api/stock-documents/:id': 'documents of warehouses',
  'POST /api/stock-documents/import': 'documents of warehouses',
}

const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10)
const lastYear = `from=${dayOf(Date.now() - 365 * 86_400_000)}&to=${dayOf(Date.now() + 86_400_000)}`

/** Lists and sums. Their answers are searched for texts of the other shop. */
const reads: Record<string, string> = {
  'GET /api/aftersale': '',
  'GET /api/aftersale/count': '',
  'GET /api/aftersale/counts': '',
  'GET /api/aftersale/statistics': 'by=reason',
  'GET /api/alarms': '',
  'GET /api/audit': 'limit=200',
  'GET /api/batches': '',
  'GET /api/bill-trades': 'tab=all',
  'GET /api/bill-trades/count': '',
  'GET /api/bill-trades/counts': '',
  'GET /api/blacklist': '',
  'GET /api/coverage': '',
  'GET /api/reports/rows': `report=sales&measure=paid&${lastYear}`,
  'GET /api/deliveries': '',
  'GET /api/deliveries/count': '',
  'GET /api/deliveries/counts': '',
  'GET /api/deliveries/facets': '',
  'GET /api/papers': 'ids=DELIVERIES',
  'GET /api/download-queue': '',
  'GET /api/download-queue/counts': '',
  'GET /api/exports/bill-trades.xlsx': 'tab=all',
  'GET /api/exports/deliveries.xlsx': 'tab=all',
  'GET /api/exports/download-queue.xlsx': '',
  'GET /api/exports/extra-refunds.xlsx': '',
  'GET /api/exports/intercepts.xlsx': 'tab=all',
  'GET /api/exports/listings.xlsx': 'tab=all',
  'GET /api/exports/orders.xlsx': '',
  'GET /api/exports/print-desk.xlsx': 'tab=all',
  'GET /api/exports/put-backs.xlsx': 'tab=all',
  'GET /api/exports/refund-history.xlsx': '',
  'GET /api/exports/returns.xlsx': '',
  'GET /api/exports/settlements.xlsx': '',
  'GET /api/exports/staged-refunds.xlsx': '',
  'GET /api/exports/staged-trades.xlsx': '',
  'GET /api/exports/stock-uploads.xlsx': '',
  'GET /api/exports/task-runs.xlsx': '',
  'GET /api/exports/trade-history.xlsx': '',
  'GET /api/extra-refunds': '',
  'GET /api/extra-refunds/count': '',
  'GET /api/extra-refunds/counts': '',
  'GET /api/go-live-preview': 'at=2026-06-01T00:00:00Z&shop=SHOPS',
  'GET /api/intercepts': 'tab=all',
  'GET /api/intercepts/count': '',
  'GET /api/intercepts/counts': '',
  'GET /api/listings': '',
  'GET /api/listings/count': '',
  'GET /api/listings/counts': '',
  'GET /api/order-merges': '',
  'GET /api/orders': '',
  'GET /api/orders/count': '',
  'GET /api/orders/counts': '',
  'GET /api/overview': '',
  'GET /api/overview/alarms': '',
  'GET /api/paper-templates': '',
  'GET /api/parked-items': '',
  'GET /api/parked-items/counts': '',
  'GET /api/platform-actions': '',
  'GET /api/platform-actions/count': '',
  'GET /api/platform-actions/counts': '',
  'GET /api/put-backs': '',
  'GET /api/put-backs/count': '',
  'GET /api/put-backs/counts': '',
  'GET /api/returns': 'tab=all',
  'GET /api/returns/count': '',
  'GET /api/returns/counts': '',
  'GET /api/returns/scan': 'no=WORD',
  'GET /api/look-up': 'code=WORD',
  'GET /api/search': 'q=WORD',
  'GET /api/shop-names': '',
  'GET /api/settlements': '',
  'GET /api/settlements/count': '',
  'GET /api/settlements/counts': '',
  'GET /api/settlements/totals': '',
  'GET /api/shops': '',
  'GET /api/staged-refunds': '',
  'GET /api/staged-refunds/count': '',
  'GET /api/staged-refunds/counts': '',
  'GET /api/staged-trades': '',
  'GET /api/staged-trades/count': '',
  'GET /api/staged-trades/counts': '',
  'GET /api/stock-uploads': '',
  'GET /api/stock-uploads/count': '',
  'GET /api/stock-uploads/counts': '',
  'GET /api/task-runs': '',
  'GET /api/task-runs/counts': '',
  'GET /api/tasks': '',
  'GET /api/waves': 'tab=all',
  'GET /api/waves/counts': '',
  'GET /api/exports/waves.xlsx': 'tab=all',
  'GET /api/waybill-accounts': '',
}

/** Reads of one row by id: a row of the other shop is not found. */
const singles: Record<string, (shop: Filled) => { id: string; body?: unknown }> = {
  'GET /api/batches/:id': (shop) => ({ id: shop.batch }),
  'GET /api/batches/:id/items': (shop) => ({ id: shop.batch }),
  'GET /api/batches/:id/reasons': (shop) => ({ id: shop.batch }),
  'POST /api/batches/:id/stop': (shop) => ({ id: shop.batch }),
  'POST /api/batches/:id/retry': (shop) => ({ id: shop.batch }),
  'GET /api/bill-trades/:id': (shop) => ({ id: shop.billTrade }),
  'GET /api/confirm-rules/:id': (shop) => ({ id: shop.id }),
  'PUT /api/confirm-rules/:id': (shop) => ({ id: shop.id, body: { version: 0, rules: [] } }),
  'POST /api/confirm-rules/:id/dry-run': (shop) => ({ id: shop.id, body: { checks: {} } }),
  'GET /api/listings/:id/suggestions': (shop) => ({ id: shop.listing }),
  'GET /api/orders/:id': (shop) => ({ id: shop.order }),
  'POST /api/orders/:id/split-plan': (shop) => ({ id: shop.order, body: { how: { by: 'stock' } } }),
  'GET /api/orders/:id/returnable': (shop) => ({ id: shop.order }),
  'GET /api/returns/:id': (shop) => ({ id: shop.return }),
  'GET /api/waybill-accounts/:id/custom-areas': (shop) => ({ id: shop.account }),
  'POST /api/waybill-accounts/:id/tracking': (shop) => ({ id: shop.account, body: { track: 'none' } }),
  'PUT /api/waybill-accounts/:id/custom-area': (shop) => ({
    id: shop.account,
    body: { areaUrl: '', keys: {} },
  }),
  'GET /api/shops/:id/waybill-service': (shop) => ({ id: shop.id }),
  'GET /api/waves/:id': (shop) => ({ id: shop.wave }),
  'POST /api/waves/:id/pick': (shop) => ({ id: shop.wave, body: { key: 'of-a-scan', seq: 1, pieces: 1 } }),
  'POST /api/waves/:id/short': (shop) => ({ id: shop.wave, body: { key: 'of-a-scan', seq: 1 } }),
  'POST /api/waves/:id/sort': (shop) => ({ id: shop.wave, body: { key: 'of-a-scan', code: 'x' } }),
  'POST /api/deliveries/:id/label': (shop) => ({ id: shop.delivery, body: {} }),
  'GET /api/print-jobs/:id': (shop) => ({ id: shop.printJob }),
  'POST /api/print-jobs/:id/next': (shop) => ({ id: shop.printJob, body: { results: [], most: 5 } }),
  'POST /api/print-jobs/:id/settle': (shop) => ({ id: shop.printJob, body: { last: 0 } }),
  'POST /api/print-jobs/:id/stop': (shop) => ({ id: shop.printJob }),
  'GET /api/orders/:id/history': (shop) => ({ id: shop.order }),
  'POST /api/orders/:id/memo': (shop) => ({
    id: shop.order,
    body: { memo: '外人的备注', flag: 1, version: 1 },
  }),
  'POST /api/parked-items/:id/reveal': (shop) => ({ id: shop.parked }),
  'POST /api/papers/:id/reveal': (shop) => ({ id: shop.delivery }),
  'POST /api/orders/:id/reveal': (shop) => ({ id: shop.order }),
  'GET /api/shops/:id': (shop) => ({ id: shop.id }),
  'PATCH /api/shops/:id': (shop) => ({ id: shop.id, body: { name: '改名' } }),
  'POST /api/shops/:id/authorize': (shop) => ({ id: shop.id }),
  'PUT /api/shops/:id/credentials': (shop) => ({
    id: shop.id,
    body: { appKey: '1', appSecret: '2' },
  }),
  'POST /api/shops/:id/session-key': (shop) => ({ id: shop.id, body: { sessionKey: '12345678' } }),
  'POST /api/shops/:id/verify': (shop) => ({ id: shop.id }),
  'POST /api/shops/:id/trade-sheet/preview': (shop) => ({ id: shop.id, body: { file: 'MQ==' } }),
  'POST /api/shops/:id/trade-sheet/import': (shop) => ({ id: shop.id, body: { file: 'MQ==' } }),
  'GET /api/shops/:id/handouts': (shop) => ({ id: shop.id }),
  'POST /api/shops/:id/handouts': (shop) => ({ id: shop.id, body: {} }),
  'GET /api/handouts/:id/sheet': (shop) => ({ id: shop.id }),
  'POST /api/malls/:id/trades': (shop) => ({ id: shop.id, body: { trades: [{}] } }),
  'POST /api/malls/:id/refunds': (shop) => ({ id: shop.id, body: { refunds: [{}] } }),
  'GET /api/staged-refunds/:id': (shop) => ({ id: shop.refund }),
  'POST /api/staged-refunds/:id/agree': (shop) => ({
    id: shop.refund,
    body: { version: '1411375308927', amountFen: 9000 },
  }),
  'POST /api/staged-refunds/:id/refuse': (shop) => ({
    id: shop.refund,
    body: { reasonId: '1', message: '不行不行', version: '1411375308927' },
  }),
  'GET /api/staged-refunds/:id/refuse-reasons': (shop) => ({ id: shop.refund }),
  'GET /api/staged-trades/:id': (shop) => ({ id: shop.staged }),
  'POST /api/staged-trades/:id/reveal': (shop) => ({ id: shop.staged }),
  'GET /api/stock-upload-shops/:id': (shop) => ({ id: shop.id }),
  'PUT /api/stock-upload-shops/:id': (shop) => ({
    id: shop.id,
    body: { enabled: true, rule: usualRule, version: 0 },
  }),
  'POST /api/stock-upload-shops/:id/resync': (shop) => ({ id: shop.id }),
  'POST /api/task-runs/:id/stop': (shop) => ({ id: shop.run }),
  'DELETE /api/tasks/:id': (shop) => ({ id: shop.task }),
  'PATCH /api/tasks/:id': (shop) => ({ id: shop.task, body: { enabled: false } }),
  'POST /api/tasks/:id/run': (shop) => ({ id: shop.task, body: {} }),
}

const seen = ({ refund }: Filled) => [{ id: refund, version: '1', amountFen: 1 }]

type AskOfVerb = (shop: Filled) => { ids: string[]; more?: Record<string, unknown>; body?: object }

/** The id of a row of the kind that a declared verb takes. */
const oneOfRows: Record<string, (shop: Filled) => string> = {
  blacklistEntry: ({ blacklisted }) => blacklisted,
  billTrade: ({ billTrade }) => billTrade,
  delivery: ({ delivery }) => delivery,
  discrepancy: ({ problem }) => problem,
  extraRefund: ({ extra }) => extra,
  intercept: ({ intercept }) => intercept,
  listing: ({ listing }) => listing,
  order: ({ order }) => order,
  putBack: ({ putBack }) => putBack,
  refund: ({ refund }) => refund,
  return: (shop) => shop.return,
  trade: ({ staged }) => staged,
  wave: ({ wave }) => wave,
  settlement: ({ settlement }) => settlement,
}

const declaredVerbs = verbsOfAll.flatMap(({ path, body, rows }): [string, AskOfVerb][] => {
  if (ofNoShop.has(rows.of)) return []
  const idOf = (shop: Filled) => oneOfRows[rows.of]?.(shop) ?? ''
  return [[`POST /api${path}`, (shop) => ({ ids: [idOf(shop)], body: bodyFor(body, idOf(shop)) })]]
})

/** Verbs with lists of ids: each id of the other shop is not found, and the own one is still processed. */
const verbs: Record<string, AskOfVerb> = {
  ...Object.fromEntries(declaredVerbs),
  'POST /api/orders/courier': (shop) => ({ ids: [shop.order], more: { courier: 'SF' } }),
  'POST /api/orders/memo': (shop) => ({ ids: [shop.order], more: { flag: 1 } }),
  'POST /api/orders/ship-after': (shop) => ({ ids: [shop.order], more: { at: null } }),
  'POST /api/aftersale/agree': (shop) => ({ ids: [shop.refund], more: { seen: seen(shop) } }),
  'POST /api/aftersale/refuse': (shop) => ({
    ids: [shop.refund],
    more: { seen: seen(shop), platform: 'taobao', reasonId: '1', message: '试试' },
  }),
  'POST /api/deliveries/waybills': (shop) => ({
    ids: [shop.delivery],
    body: { rows: [{ id: shop.delivery, courier: 'SF', waybillNo: 'SF1000000000001' }] },
  }),
  'POST /api/deliveries/change-waybill': (shop) => ({
    ids: [shop.delivery],
    body: {
      rows: [{ id: shop.delivery, courier: 'SF', waybillNo: 'SF1000000000001' }],
      reason: '试试',
    },
  }),
  'POST /api/download-queue/download': (shop) => ({ ids: [shop.queued] }),
  'POST /api/download-queue/remove': (shop) => ({ ids: [shop.queued] }),
  'POST /api/parked-items/retry': (shop) => ({ ids: [shop.parked] }),
  'POST /api/platform-actions/force': (shop) => ({ ids: [shop.action], more: { reason: '试试' } }),
  'POST /api/platform-actions/manual': (shop) => ({ ids: [shop.action], more: { reason: '试试' } }),
  'POST /api/platform-actions/retry': (shop) => ({ ids: [shop.action], more: { reason: '试试' } }),
  'POST /api/print-jobs': (shop) => ({ ids: [shop.delivery], more: { printer: '', reason: '' } }),
  'POST /api/returns/refused': (shop) => ({ ids: [shop.delivery] }),
  'POST /api/staged-trades/unprocess': (shop) => ({ ids: [shop.processed] }),
}

/** Bodies that name the other shop. They are refused, or answered as if there were no rows. */
const bodies: Record<string, (shop: Filled) => unknown> = {
  'POST /api/tasks': (shop) => ({ kind: 'trade_list', shopId: shop.id, name: '试试' }),
  'POST /api/batches': (shop) => ({ action: 'trades.remove', target: { filter: { shop: shop.id } } }),
  'POST /api/waybill-accounts': (shop) => ({
    ...{
      shopId: shop.id,
      source: 'cainiao',
      courier: 'SF',
      branchCode: '',
      branchName: '',
      warehouseId: null,
      enabled: true,
    },
    ...{ templateName: '', templateUrl: 'http://127.0.0.1/1' },
  }),
  'POST /api/paper-templates': (shop) => ({
    ...{ version: 0, ...defaultTemplate('packing_slip'), name: '试试', shopIds: [shop.id] },
  }),
  'POST /api/choice-rules/dry-run': (shop) => ({ filter: { tab: 'all', shop: shop.id } }),
  'POST /api/bills/import': (shop) => ({
    shopId: shop.id,
    file: Buffer.from('流水号,订单号,时间,金额\nSPY,1,2026-11-20 10:00:00,1').toString('base64'),
  }),
  'POST /api/gift-rules/dry-run': (shop) => ({ filter: { tab: 'all', shop: shop.id } }),
  'POST /api/waybill-rules/dry-run': (shop) => ({ number: shop.words[1] }),
  'POST /api/print-jobs/whole': (shop) => ({ filter: { shop: shop.id }, printer: '', reason: '' }),
  'POST /api/deliveries/import': (shop) => ({ text: `${shop.words[1]},SF,SF1000000000001` }),
  'POST /api/orders': (shop) => ({
    orders: [
      {
        key: 'spy-0001',
        shopId: shop.id,
        receiver: {
          name: '探子',
          mobile: '13800000000',
          province: '浙江省',
          city: '杭州市',
          address: '某路 1 号',
        },
        lines: [{ code: 'X', quantity: 1, priceFen: 1 }],
      },
    ],
  }),
  'POST /api/orders/copy': (shop) => ({
    copies: [{ key: 'spy-0002', orderId: shop.order, kind: 'copy', lines: [{ lineNo: 1, quantity: 1 }] }],
  }),
  'POST /api/orders/import': (shop) => ({
    file: Buffer.from(
      `店铺,订单号,收件人,手机,省,市,地址,商家编码,数量,单价\n${shop.name},SPY-1,探子,13800000000,浙江省,杭州市,某路 1 号,X,1,1`,
    ).toString('base64'),
  }),
  'POST /api/orders/split': (shop) => ({
    splits: [{ id: shop.order, parts: [{ lines: [{ lineNo: 1, quantity: 1 }] }] }],
  }),
  'POST /api/returns': (shop) => ({
    returns: [{ orderId: shop.order, kind: 'return', lines: [{ lineNo: 1, quantity: 1 }] }],
  }),
  'POST /api/unclaimed-parcels/claim': (shop) => ({ claims: [{ parcelId: '1', returnId: shop.return }] }),
  'POST /api/put-backs/scan': (shop) => ({ number: `DN${shop.words[1]}` }),
  'POST /api/extra-refunds': (shop) => ({
    orderId: shop.order,
    kind: 'compensation',
    amountFen: 1,
    reason: '试试',
  }),
  'POST /api/listings/import': (shop) => ({
    file: Buffer.from(`店铺,平台商品ID,商家编码\n${shop.id},${shop.itemId},X`).toString('base64'),
  }),
  'POST /api/staged-refunds/download': (shop) => ({ shopId: shop.id, refundNos: ['1'] }),
  'POST /api/staged-trades/download': (shop) => ({ shopId: shop.id, tids: ['1'] }),
  'POST /api/users': (shop) => ({ email: 'spy@example.com', name: '探子', roleIds: [], shops: [shop.id] }),
  'PATCH /api/users/:id': (shop) => ({ shops: [shop.id] }),
  'POST /api/api-keys': (shop) => ({
    name: '探子',
    permissions: ['trades.read'],
    shops: [shop.id],
    expiresAt: null,
  }),
}

const queries = (query: string) =>
  query
    .replace('SHOPS', `${mine.id},${theirs.id}`)
    .replace('DELIVERIES', `${mine.delivery},${theirs.delivery}`)
    .replace('WORD', theirs.words[1] ?? '')

async function textOf(caller: Caller, url: string): Promise<{ status: number; text: string }> {
  const response = await fetch(house.url + url, { headers: { cookie: caller.cookie } })
  const bytes = Buffer.from(await response.arrayBuffer())
  if (!url.includes('.xlsx') || response.status !== 200)
    return { status: response.status, text: bytes.toString() }
  const book = new exceljs.Workbook()
  await book.xlsx.load(bytes.buffer)
  const text = book.worksheets.map((sheet) => JSON.stringify(sheet.getSheetValues())).join('\n')
  return { status: response.status, text }
}

test('every route of the API is in one of these tables', () => {
  const known = new Set([reads, singles, verbs, bodies, withoutShops].flatMap((table) => Object.keys(table)))
  const routes = house.app.routeList.filter(
    ({ url, method, permission }) => url.startsWith('/api/') && permission !== 'public' && method !== 'HEAD',
  )
  const missing = routes.map(({ method, url }) => `${method} ${url}`).filter((route) => !known.has(route))
  assert.deepEqual([...new Set(missing)], [], 'say in scope.test.ts what they must not show or change')
  const there = new Set(routes.map(({ method, url }) => `${method} ${url}`))
  assert.deepEqual(
    [...known].filter((route) => !there.has(route)),
    [],
  )
})

describe('lists and sums show nothing of another shop', () => {
  for (const [route, query] of Object.entries(reads)) {
    test(route, async () => {
      const path = route.replace('GET ', '')
      const own = await textOf(clerk, `${path}?${queries(query)}`)
      assert.equal(own.status, 200, own.text.slice(0, 300))
      for (const word of theirs.words)
        assert.ok(!own.text.includes(word), `${word} in ${own.text.slice(0, 2000)}`)
      // A user who may see it does see it; otherwise the test would prove nothing.
      const all = await textOf(boss, `${path}?${queries(query)}`)
      if (!/count|facets|totals|overview|alarms|coverage|go-live|batches|tasks/.test(path))
        assert.ok(
          theirs.words.some((word) => all.text.includes(word)) || /task-runs|audit/.test(path),
          all.text.slice(0, 500),
        )
      assert.ok(all.text.length >= own.text.length)
    })
  }

  test('asked for the other shop by name, they are empty or refuse', async () => {
    for (const route of Object.keys(reads)) {
      const path = route.replace('GET ', '')
      for (const parameter of ['shop', 'shopId']) {
        const { text, status } = await textOf(clerk, `${path}?${parameter}=${theirs.id}`)
        for (const word of theirs.words) assert.ok(!text.includes(word), `${path} ${status}: ${word}`)
      }
    }
  })

  test('sums over two shops are the sums of each', async () => {
    const other = await house.as(['*'], [theirs.id])
    for (const route of Object.keys(reads).filter(
      (one) => /counts?$/.test(one) && !one.includes('task-runs'),
    )) {
      const path = route.replace('GET ', '')
      const sums = await Promise.all(
        [clerk, other, boss].map(async (who) => total((await who.call('GET', path)).body)),
      )
      assert.equal((sums[0] ?? 0) + (sums[1] ?? 0), sums[2], `${path} ${sums.join(' ')}`)
    }
  })
})

/** Sums all numbers named count in an answer. */
function total(body: unknown): number {
  if (typeof body !== 'object' || body === null) return 0
  return Object.entries(body).reduce(
    (sum, [name, value]) => sum + (name === 'count' && typeof value === 'number' ? value : total(value)),
    0,
  )
}

describe('one of another shop is not there', () => {
  for (const [route, ask] of Object.entries(singles)) {
    test(route, async () => {
      const [method = '', path = ''] = route.split(' ')
      const { id, body } = ask(theirs)
      const answer = await clerk.call(method, path.replace(':id', id), body)
      assert.equal(answer.status, 404, JSON.stringify(answer.body))
    })
  }
})

describe('verbs find none of another shop', () => {
  for (const [route, ask] of Object.entries(verbs)) {
    test(route, async () => {
      const { ids, more = {}, body = { ...more, ids } } = ask(theirs)
      const answer = await clerk.call('POST', route.replace('POST ', ''), body)
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      const results =
        typeof answer.body === 'object' && answer.body !== null ? Reflect.get(answer.body, 'results') : []
      assert.equal(results.length, 1)
      assert.deepEqual([results[0].id, results[0].done, results[0].code], [ids[0], false, 'not_found'])
    })
  }
})

describe('bodies that name another shop', () => {
  for (const [route, ask] of Object.entries(bodies)) {
    test(route, async () => {
      const [method = '', path = ''] = route.split(' ')
      const answer = await clerk.call(method, path.replace(':id', clerk.userId), ask(theirs))
      if (route === 'POST /api/extra-refunds')
        assert.deepEqual([answer.status, Reflect.get(Object(answer.body), 'done')], [200, false])
      else if (route === 'POST /api/deliveries/import') {
        const { written, refused } = Object(answer.body)
        assert.deepEqual([written, refused.length], [0, 1], 'as if there were no such order')
      } else if (route === 'POST /api/orders/import') {
        const { created, refused } = Object(answer.body)
        assert.deepEqual([created, refused[0].column], [0, '店铺'], 'as if there were no such shop')
      } else if (route === 'POST /api/orders') {
        const [first] = Object(answer.body).results
        assert.deepEqual([first.done, first.code], [false, 'outside_scope'])
      } else if (
        route === 'POST /api/orders/copy' ||
        route === 'POST /api/orders/split' ||
        route === 'POST /api/returns' ||
        route === 'POST /api/unclaimed-parcels/claim'
      ) {
        const [first] = Object(answer.body).results
        assert.deepEqual([first.done, first.code], [false, 'not_found'])
      } else if (route === 'POST /api/listings/import') {
        const { updated, refused } = Object(answer.body)
        assert.deepEqual([updated, refused[0].column], [0, '店铺'], 'as if there were no such shop')
      } else if (route.endsWith('-rules/dry-run'))
        assert.deepEqual([answer.status, Object(answer.body).seen], [200, 0], 'as if there were no orders')
      else if (route === 'POST /api/print-jobs/whole')
        assert.deepEqual(
          answer.body,
          { job: null, results: [], more: false },
          'as if there were no deliveries',
        )
      else if (route === 'POST /api/batches') await assertEmptyBatch(Reflect.get(Object(answer.body), 'id'))
      else
        assert.ok(
          answer.status === 403 || answer.status === 404,
          `${answer.status} ${JSON.stringify(answer.body)}`,
        )
    })
  }
})

/** A batch over a filter of the other shop has no rows. */
async function assertEmptyBatch(id: string): Promise<void> {
  const { body } = await clerk.call('GET', `/api/batches/${id}`)
  assert.equal(Reflect.get(Object(body), 'total'), 0, JSON.stringify(body))
}

test('and after all that, nothing of the other shop has changed', async () => {
  const now = await everythingOf(house.db, theirs.id)
  for (const [table, rows] of Object.entries(now)) assert.equal(rows, before_[table], table)
})
