import { ban, banLeft, type Fault, lineFault, spoil, strike } from '../faults.ts'
import { JSON_TYPE, type Outcome, type Received } from '../http.ts'
import type { Json } from '../json-parts.ts'
import { count, countCall, type Sandbox } from '../state.ts'
import type { Shop } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import { nowSeconds } from '../world/world.ts'
import { shopOf } from './auth.ts'
import { jsonOf, type WooError, type WooMethod, type WooResult, written, wrong } from './call.ts'
import * as notes from './notes.ts'
import * as orders from './orders.ts'
import * as products from './products.ts'
import * as refunds from './refunds.ts'

const BASE = '/wp-json/wc/v3/'

/** The calls by verb and path; a number in a path is written "n". */
const METHODS: Readonly<Record<string, WooMethod>> = {
  'GET orders': orders.list,
  'GET orders/n': orders.detail,
  'PUT orders/n': orders.update,
  'GET orders/n/notes': notes.list,
  'POST orders/n/notes': notes.add,
  'GET orders/n/refunds': refunds.list,
  'GET orders/n/refunds/n': refunds.detail,
  'GET products': products.list,
  'GET products/n/variations': products.variations,
  'POST products/batch': products.batch,
  'POST products/n/variations/batch': products.variationBatch,
  'GET data/currencies/current': orders.currentCurrency,
}

export const isWooPath = (path: string): boolean => path.startsWith('/wp-json/')

/** The REST API of a site with WooCommerce. The key says which of the simulator's sites is meant. */
export function woocommerceGateway(sandbox: Sandbox, received: Received): Outcome {
  const { verb, path, params } = received
  const shop = shopOf(sandbox, received)
  if (path === '/wp-json/') return siteIndex(sandbox, shop)
  const ids = path
    .slice(BASE.length)
    .split('/')
    .filter((part) => /^\d+$/.test(part))
  const method = `${verb} ${path.slice(BASE.length).replaceAll(/(?<=\/)\d+/g, 'n')}`
  if (shop === undefined)
    return fail(
      sandbox,
      '-',
      method,
      wrong(401, 'woocommerce_rest_cannot_view', 'Sorry, you cannot list resources.'),
    )
  if ('code' in shop) return fail(sandbox, '-', method, shop)
  const nowMs = sandbox.world.clock.now()
  countCall(sandbox, shop.key, method, nowMs)
  if (banLeft(sandbox.board, { shop: shop.key, method, nowMs }).seconds > 0) return tooMany()
  const fault = strike(sandbox.board, shop.key, method)
  const spoiled = fault && faultOutcome(sandbox, shop, method, fault)
  if (spoiled) return spoiled
  const run = path.startsWith(BASE) ? METHODS[method] : undefined
  if (run === undefined)
    return fail(
      sandbox,
      shop.key,
      method,
      wrong(404, 'rest_no_route', 'No route was found matching the URL and request method.'),
    )
  const body = jsonOf(received.body)
  if (body === undefined || (received.body.length > 0 && !received.type.startsWith('application/json')))
    return fail(sandbox, shop.key, method, wrong(400, 'rest_invalid_json', 'Invalid JSON body passed.'))
  const result = run({ sandbox, shop, ids, params, body, now: nowSeconds(sandbox.world) })
  return answered(sandbox, { shop: shop.key, method, fault, ids }, result)
}

type Place = { shop: string; method: string; fault: Fault | undefined; ids: readonly string[] }

function answered(sandbox: Sandbox, { shop, method, fault, ids }: Place, result: WooResult): Outcome {
  if ('code' in result) return fail(sandbox, shop, method, result)
  const isList = 'rows' in result
  const data = isList ? (fault?.kind === 'empty-list' ? [] : result.rows) : result.data
  const outcome = spoil(fault, noticed(method, ids) + written(data), JSON_TYPE)
  if (outcome.kind !== 'answer' || !isList) return outcome
  const pages = String(Math.ceil(result.total / result.size))
  return { ...outcome, headers: { 'x-wp-total': String(result.total), 'x-wp-totalpages': pages } }
}

/** Some sites show the notices of their plugins before the answer. */
const noticed = (method: string, [order = '']: readonly string[]): string =>
  method === 'GET orders/n' && hash32(order) % 16 === 0
    ? '<br />\n<b>Notice</b>:  Undefined index: total in <b>/srv/wp-content/plugins/x.php</b> on line <b>7</b><br />\n'
    : ''

function faultOutcome(sandbox: Sandbox, shop: Shop, method: string, fault: Fault): Outcome | undefined {
  count(sandbox.errors, `${shop.key} ${method} fault:${fault.kind}`)
  if (fault.kind === 'limited') {
    ban(sandbox.board, fault, { shop: shop.key, method, nowMs: sandbox.world.clock.now() })
    return tooMany()
  }
  if (fault.kind === 'isp')
    return page(503, 'Briefly unavailable for scheduled maintenance. Check back in a minute.')
  if (fault.kind === 'session-expired')
    return fail(
      sandbox,
      shop.key,
      method,
      wrong(401, 'woocommerce_rest_authentication_error', 'Consumer key is invalid.'),
    )
  if (fault.kind === 'forbidden')
    return fail(
      sandbox,
      shop.key,
      method,
      wrong(403, 'woocommerce_rest_cannot_edit', 'Sorry, you are not allowed to edit this resource.'),
    )
  return lineFault(fault)
}

/** WooCommerce itself has no limit; the machine that serves the site may have one. */
const tooMany = (): Outcome => page(429, 'Too Many Requests', { 'retry-after': '1' })

const page = (status: number, words: string, headers: Record<string, string> = {}): Outcome => ({
  kind: 'answer',
  status,
  type: 'text/html; charset=UTF-8',
  body: `<!DOCTYPE html><html><head><title>${words}</title></head><body>${words}</body></html>`,
  headers,
})

function siteIndex(sandbox: Sandbox, shop: ReturnType<typeof shopOf>): Outcome {
  const known =
    shop !== undefined && 'key' in shop
      ? shop
      : sandbox.world.shops.find(({ platform }) => platform === 'woocommerce')
  const { url } = sandbox.world
  const index: Json = {
    name: known?.options.name ?? '',
    description: '',
    url,
    home: url,
    gmt_offset: '8',
    timezone_string: 'Asia/Shanghai',
    namespaces: ['oembed/1.0', 'wc/v1', 'wc/v2', 'wc/v3', 'wp/v2'],
    authentication: [],
  }
  return { kind: 'answer', status: 200, type: JSON_TYPE, body: JSON.stringify(index) }
}

function fail(sandbox: Sandbox, shop: string, method: string, { status, code, message }: WooError): Outcome {
  count(sandbox.errors, `${shop} ${method} ${code}`)
  return {
    kind: 'answer',
    status,
    type: JSON_TYPE,
    body: JSON.stringify({ code, message, data: { status } }),
  }
}
