import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { type Fields, isFields } from '../connectors/fields.ts'
import { parseJson } from '../lib/json.ts'

/** This file reads real documents of platforms and changes them at random places, so that tests can give parsers malicious input. */

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
export const tradeTexts = ['closed_by_taobao', 'two_lines'].map((name) =>
  read(`../connectors/taobao/fixtures/trade_fullinfo_get_response.${name}.json`),
)
export const trades = tradeTexts.map((text) => fieldsIn(text, 'trade_fullinfo_get_response', 'trade'))
export const refunds: Fields[] = [
  {
    refund_id: '83477',
    tid: '2231884277',
    oid: '2231884277',
    status: 'SUCCESS',
    refund_fee: '10.00',
    num: 1,
    sku: '3|颜色:军绿;尺码:XS',
    created: '2000-01-01 00:00:00',
    modified: '2000-01-01 00:00:00',
    refund_version: 1411375308927,
    dispute_type: 'REFUND',
    refund_remind_timeout: { exist_timeout: true, timeout: '2000-01-02 00:00:00' },
  },
  {
    ...fieldsIn(read('../connectors/pinduoduo/fixtures/refund_list_item.real.json')),
    id: 1,
    order_sn: '180410-355530178612389',
    recreated_at: 1795485600,
  },
]
export const orders: Fields[] = [
  {
    order_sn: '261124-123456789012345',
    confirm_status: 1,
    group_status: 1,
    order_status: 1,
    refund_status: 1,
    created_time: '2026-11-24 10:00:00',
    updated_at: '2026-11-24 10:05:00',
    pay_time: '2026-11-24 10:00:30',
    pay_amount: 85.8,
    discount_amount: 9.9,
    platform_discount: 4.9,
    postage: 6,
    order_tag_list: [{ name: 'ship_hold', value: 1 }],
    step_order_info: { step_trade_status: 1 },
    item_list: [
      { goods_id: 1, sku_id: 2, goods_name: 'a', goods_spec: 'b,c', goods_price: 29.9, goods_count: 3 },
      { goods_id: 1, goods_price: '1.00', goods_count: 1 },
    ],
  },
]

export const items: Fields[] = [
  fieldsIn(read('../connectors/taobao/fixtures/item_get_response.json'), 'item_get_response', 'item'),
]
export const goods: Fields[] = [
  {
    goods_id: 1,
    goods_name: 'a',
    goods_quantity: 3,
    is_onsale: 1,
    sku_list: [{ sku_id: 2, spec: 'b,c', sku_quantity: 3, outer_id: 'd', is_sku_onsale: 1 }],
  },
]

/** Generates values that a malicious or faulty platform may send in place of the expected one. */
const hostile = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    true,
    '',
    'null',
    '\0',
    'a\0b\ud800',
    '\udc00'.repeat(50),
    '长'.repeat(30_000),
    'constructor',
    '__proto__',
    '0000-00-00 00:00:00',
    '2026-02-30 25:61:61',
    '-1',
    '0',
    0,
    -1,
    1.5,
    1e300,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 53 + 2,
    '9999999999.99',
    '99999999999999.99',
    '-0.01',
    '0.01',
    '5.00',
    '1e3',
    '0x10',
    [],
    {},
    [[]],
    [null],
    { order: [] },
    { order: {} },
    'DROP TABLE trade',
    '1234567890123456789',
  ),
  fc.anything({ maxDepth: 2 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
)

const change = fc.record({
  at: fc.nat(),
  by: hostile,
  how: fc.constantFrom('replace', 'delete', 'double', 'nest'),
})

/** Generates real documents in which some values, anywhere in the tree, are replaced, deleted, doubled or nested. */
export function mutated(samples: readonly Fields[]) {
  return fc
    .tuple(fc.constantFrom(...samples), fc.array(change, { minLength: 1, maxLength: 6 }))
    .map(([sample, changes]) => {
      const tree = structuredClone(sample)
      for (const { at, by: value, how } of changes) {
        // A later change may be within this value, which is also in other documents.
        const by = structuredClone(value)
        const places = placesIn(tree)
        const place = places[at % Math.max(places.length, 1)]
        if (!place) continue
        const { owner, key } = place
        if (Array.isArray(owner)) mutateList(owner, Number(key), by, how)
        else if (how === 'delete') Reflect.deleteProperty(owner, key)
        else
          Reflect.set(
            owner,
            key,
            how === 'nest'
              ? nested(by)
              : how === 'double'
                ? [Reflect.get(owner, key), Reflect.get(owner, key)]
                : by,
          )
      }
      return tree
    })
}

function mutateList(list: unknown[], index: number, by: unknown, how: string): void {
  if (how === 'delete') list.splice(index, 1)
  else if (how === 'double') list.push(...Array.from({ length: 3 }, () => list[index]))
  else list[index] = how === 'nest' ? nested(by) : by
}

function nested(value: unknown): unknown {
  let tree = value
  for (let depth = 0; depth < 2000; depth += 1) tree = { order: [tree] }
  return tree
}

type Place = { owner: object; key: string }

function placesIn(tree: unknown, depth = 0): Place[] {
  if (typeof tree !== 'object' || tree === null || depth > 6) return []
  return Object.entries(tree).flatMap(([key, value]) => [{ owner: tree, key }, ...placesIn(value, depth + 1)])
}

function fieldsIn(text: string, ...path: string[]): Fields {
  const found = path.reduce<unknown>((tree, key) => (isFields(tree) ? tree[key] : undefined), parseJson(text))
  if (!isFields(found)) throw new Error(`No ${path.join('.')} in the sample.`)
  return found
}

/** How often a property is tried. `npm run prove fuzz` tries each 50,000 times. */
export const runs = (usual: number): { numRuns: number } => ({
  numRuns: Number(process.env['FUZZ_RUNS'] ?? usual),
})
