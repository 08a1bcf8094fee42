import { listingStatusWords, type MatchWay, matchWayWords } from '../../../server/catalog/lifecycle.ts'
import { listingVerbs } from '../../../server/catalog/verbs-contract.ts'
import { ShopLabel, Two } from '../intake/cells.tsx'
import { actionsOn, type RowAction } from '../ui/act/actions.ts'
import { actorText } from '../ui/base/actor.ts'
import { count, Money, Time } from '../ui/base/figures.tsx'
import { Status } from '../ui/base/status.tsx'
import { shared } from '../ui/base/words.ts'
import type { Column } from '../ui/list/data-list.tsx'
import type { Field } from '../ui/list/filters.ts'
import { type Say, useSay } from '../words.ts'
import { ListingCell, ListingState } from './listing-cells.tsx'
import { MatchDialog } from './match-dialog.tsx'
import type { ListingRow } from './types.ts'

export const listingFields: readonly Field[] = [
  { key: 'shop', label: shared.shop, kind: 'shops' },
  {
    key: 'status',
    label: shared.status,
    kind: 'options',
    options: Object.entries(listingStatusWords).map(([value, label]) => ({ value, label })),
  },
  {
    key: 'how',
    label: ['匹配方式', 'Matched how'],
    kind: 'options',
    options: Object.entries(matchWayWords).map(([value, label]) => ({ value, label })),
  },
  {
    key: 'q',
    label: ['搜索', 'Search'],
    kind: 'text',
    hint: ['标题、规格、商家编码、平台 ID', 'Title, spec, outer code or platform id'],
  },
  { key: 'skuId', label: ['指定的 SKU', 'Given SKU'], kind: 'text', linked: true },
  { key: 'ids', label: ['指定的平台商品', 'Given listings'], kind: 'numbers' },
]

export const listingColumns: readonly Column<ListingRow>[] = [
  {
    key: 'goods',
    title: ['平台商品 / 规格', 'Listing / spec'],
    width: 'minmax(200px,280fr)',
    fixed: true,
    cell: (row, compact) => <ListingCell listing={row} compact={compact} />,
  },
  {
    key: 'outer',
    title: ['商家编码', 'Outer code'],
    width: 'minmax(110px,130fr)',
    fixed: true,
    cell: (row, compact) => <OuterCodes row={row} compact={compact} />,
  },
  {
    key: 'shop',
    title: shared.shop,
    width: 'minmax(110px,130fr)',
    cell: (row) => (
      <div className="cut">
        <ShopLabel id={row.shopId} short />
      </div>
    ),
  },
  {
    key: 'ids',
    title: ['平台 ID', 'Platform ids'],
    width: 'minmax(116px,120fr)',
    only: 'normal',
    cell: (row) => <Two first={row.itemId} second={row.platformSkuId} />,
  },
  {
    key: 'status',
    title: shared.status,
    width: '108px',
    cell: (row) => <ListingState status={row.status} />,
  },
  {
    key: 'price',
    title: ['售价 ¥', 'Price ¥'],
    width: '82px',
    align: 'right',
    cell: (row) => (row.priceFen === null ? <span className="t3">–</span> : <Money fen={row.priceFen} />),
  },
  {
    key: 'quantity',
    title: ['平台库存', 'Stock there'],
    width: '94px',
    align: 'right',
    cell: (row) => (row.quantity === null ? <span className="t3">–</span> : count(row.quantity)),
  },
  {
    key: 'modifiedAt',
    title: ['修改时间', 'Modified at'],
    width: '108px',
    align: 'right',
    sort: 'modifiedAt',
    cell: (row) => (
      <span className="t2">
        <Time at={row.modifiedAt} />
      </span>
    ),
  },
]

/** The platform SKU's, and the item's where that is another. */
function OuterCodes({ row, compact }: { row: ListingRow; compact: boolean }) {
  const say = useSay()
  const [first, second] = row.outerSkuId ? [row.outerSkuId, row.outerItemId] : [row.outerItemId, '']
  if (first === '') return <span className="t3">{say(['没写', 'None'])}</span>
  if (compact || second === '' || second === first)
    return (
      <div className="cut" title={first}>
        {first}
      </div>
    )
  return <Two first={first} second={second} />
}

/** What it is matched with, and who found that. */
export function matchOf(row: ListingRow, say: Say): { first: React.ReactNode; second: string } {
  if (row.skuId === null) {
    return {
      first: <Status tone="warn">{say(['未匹配', 'Unmatched'])}</Status>,
      second: row.matchedBy
        ? say(['{who} 取消', 'unmatched by {who}'], { who: actorText(row.matchedBy, say) })
        : '',
    }
  }
  const how = row.matchedHow === '' ? '' : say(matchWayWords[row.matchedHow satisfies MatchWay])
  return {
    first: (
      <Status tone="ok">
        <span title={`${row.skuName} ${row.skuSpec}`}>{row.skuCode}</span>
      </Status>
    ),
    second: [how, row.matchedBy && actorText(row.matchedBy, say), row.skuName].filter(Boolean).join(' · '),
  }
}

const act = actionsOn<ListingRow>()

export const listingActions = {
  match: act(listingVerbs.match, {
    letter: 'M',
    undo: listingVerbs.unmatch,
    // What was matched with another SKU would become unmatched, which it was not.
    undoable: (row) => row.skuId === null,
    input: (props) => <MatchDialog {...props} />,
  }),
  again: act(listingVerbs.again, {
    letter: 'A',
    why: (row, say) =>
      row.matchedHow === 'hand' || row.matchedHow === 'import'
        ? say(['人工匹配的不变；要改先取消匹配', 'Matched by a person; unmatch it first'])
        : undefined,
  }),
  unmatch: act(listingVerbs.unmatch, {
    letter: 'U',
    danger: true,
    tabs: ['matched', 'all'],
    why: (row, say) => (row.skuId === null ? say(['没有匹配', 'Not matched']) : undefined),
  }),
} satisfies Record<string, RowAction<ListingRow>>
