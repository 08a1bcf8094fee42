/** The values of a row's facets in a namespace. The positions of codes are written here again, independent of the program. */
const values = (space: number) =>
  `(select array_agg(f & 67108863 order by f) from unnest(facets) f where f >> 26 = ${space})`
const place = (words: readonly string[], column: string) =>
  `array_position(array[${words.map((word) => `'${word}'`).join(', ')}], ${column})`
const has = (yes: number, no: number, when: string) => `case when ${when} then ${yes} else ${no} end`
/** Returns those of the given facets of namespace 8 that a row has. */
const hasAmong = (...some: readonly number[]) =>
  `(select array_agg(f & 67108863 order by f) from unnest(facets) f where f >> 26 = 8 and f & 67108863 in (${some.join(', ')}))`

type Follows = readonly (readonly [facets: string, columns: string])[]
/** Returns the rows whose facets differ from what their columns say. */
const follow = (table: string, id: string, where: string, pairs: Follows) => `
  select id::text as id, found from (
    select ${id} as id, concat_ws('; ', ${pairs
      .map(
        ([facets, columns]) =>
          `case when (${facets}) is distinct from (${columns}) then concat((${facets})::text, ' for ', (${columns})::text) end`,
      )
      .join(', ')}) as found
    from ${table} where ${where}
  ) rows where found <> ''`

const one = (value: string) => `array_remove(array[(${value})::int], null)`
const orNone = (value: string) => `nullif(${one(value)}, '{}')`

const orderStatuses = ['unconfirmed', 'confirmed', 'released', 'shipped', 'completed', 'voided']
const tradeTypes = [
  'normal',
  'presale',
  'cod',
  'group_buy',
  'auction',
  'distribution',
  'virtual',
  'other',
  'present',
]
const tradeStates = ['fetching', 'staged', 'converted', 'processed']
const tradeStatuses = [
  'unpaid',
  'paid',
  'partly_shipped',
  'shipped',
  'finished',
  'closed_unpaid',
  'closed_refunded',
  'unknown',
]
const tradeReasons = [
  'fetching',
  'unknown_status',
  'closed',
  'not_paid',
  'final_unpaid',
  'platform_hold',
  'shipped_elsewhere',
  'refund_open',
  'all_refunded',
  'before_go_live',
  'duplicate',
  'doubtful',
]
const refundStates = ['staged', 'converted', 'processed', 'refusing', 'refused']
const refundReasons = ['no_original', 'original_fetching', 'unknown_status', 'unused', 'doubtful']
const refundStatuses = ['applied', 'agreed', 'refused', 'closed', 'succeeded', 'unknown']
const refundKinds = ['refund_only', 'return', 'exchange', 'reship', 'repair', 'other', 'money_only']

/** Rules that find documents which look right but are wrong or empty inside. */
export const documentRules: Readonly<Record<string, string>> = {
  'the facets of an order follow its columns': follow('sales_order', 'no', 'true', [
    [values(16), one(place(orderStatuses, 'status'))],
    [values(17), one('(open_holds > 0)::int')],
    [values(18), one('(differences > 0)::int')],
    [values(4), one('shop_id')],
    [values(23), orNone('warehouse_id')],
    [values(7), one('flag')],
    [hasAmong(1, 7), one(has(1, 7, `buyer_message <> ''`))],
    [hasAmong(2, 8), one(has(2, 8, `seller_memo <> ''`))],
    [`2080374786 = any(facets)`, 'open_problems > 0'],
  ]),

  'the facets of a trade follow its columns': follow('staged_trade', 'tid', 'detail_at is not null', [
    [
      values(3),
      one('case when lines_applied + open_refunds > 0 then 1 when lines_refunded > 0 then 2 else 0 end'),
    ],
    [values(5), one(place(tradeStatuses, 'status'))],
    [values(2), one(`coalesce(${place(tradeReasons, 'reason')}, 0)`)],
    [values(1), one(place(tradeStates, 'state'))],
    [values(4), one('shop_id')],
    [values(6), one(place(tradeTypes, 'trade_type'))],
    [values(7), one('flag')],
    [hasAmong(1, 7), one(has(1, 7, `buyer_message <> ''`))],
    [hasAmong(2, 8), one(has(2, 8, `seller_memo <> ''`))],
    [hasAmong(3, 9), one(has(3, 9, 'cod'))],
    [hasAmong(4, 6), one(has(4, 6, 'line_count > 1'))],
  ]),

  'the facets of a refund follow its columns': follow('staged_refund', 'refund_no', 'true', [
    [values(1), one(place(refundStates, 'state'))],
    [values(2), one(`coalesce(${place(refundReasons, 'reason')}, 0)`)],
    [values(4), one('shop_id')],
    [values(20), one(place(refundStatuses, 'status'))],
    [values(21), one(place(refundKinds, 'kind'))],
    [values(22), one(`case phase when 'onsale' then 1 else 2 end`)],
  ]),

  'a document has as many lines as it says': `
    select 'trade ' || t.tid as id, concat_ws(' ', 'says', t.line_count, 'has', jsonb_array_length(l.lines)) as found
    from staged_trade t left join staged_trade_lines l on l.trade_id = t.id
    where t.line_count <> coalesce(jsonb_array_length(l.lines), 0)
    union all
    select d.no, concat_ws(' ', 'says', d.line_count, 'has', count(l.*))
    from stock_document d left join stock_document_line l on l.document_id = d.id
    group by d.id having d.line_count <> count(l.*)`,

  'what was posted, shipped or converted has lines': `
    select no as id, concat_ws(' ', kind, status) as found from stock_document d
    where status in ('approved', 'sent', 'posted') and not exists (select from stock_document_line l where l.document_id = d.id)
    union all
    select no, status from sales_order o
    where status in ('confirmed', 'released', 'shipped', 'completed') and not exists (select from order_line l where l.order_id = o.id)
    union all
    select no, status from return_order r
    where status <> 'voided' and not exists (select from return_line l where l.return_id = r.id)`,
}
