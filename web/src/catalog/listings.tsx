import { type MatchWay, matchWayWords } from '../../../server/catalog/lifecycle.ts'
import { listingVerbs } from '../../../server/catalog/verbs-contract.ts'
import { ShopLabel, Two } from '../intake/cells.tsx'
import { actionsOn, type RowAction } from '../ui/act/actions.ts'
import { actorText } from '../ui/base/actor.ts'
import { CutText } from '../ui/base/figures.tsx'
import { Status } from '../ui/base/status.tsx'
import { type Say, useSay } from '../words.ts'
import { ListingCell, ListingState } from './listing-cells.tsx'
import { MatchDialog } from './match-dialog.tsx'
import type { ListingRow } from './types.ts'

export const listingCells = {
  goods: (row: ListingRow, compact: boolean) => <ListingCell listing={row} compact={compact} />,
  outer: (row: ListingRow, compact: boolean) => <OuterCodes row={row} compact={compact} />,
  shop: (row: ListingRow) => (
    <div className="cut">
      <ShopLabel id={row.shopId} short />
    </div>
  ),
  ids: (row: ListingRow) => <Two first={row.itemId} second={row.platformSkuId} />,
  status: (row: ListingRow) => <ListingState status={row.status} />,
}

/** The outer code of the platform SKU, and below it that of the item if it is another. */
function OuterCodes({ row, compact }: { row: ListingRow; compact: boolean }) {
  const say = useSay()
  const [first, second] = row.outerSkuId ? [row.outerSkuId, row.outerItemId] : [row.outerItemId, '']
  if (first === '') return <span className="t3">{say(['没写', 'None'])}</span>
  if (compact || second === '' || second === first) return <CutText text={first} />
  return <Two first={first} second={second} />
}

/** Returns the SKU of the listing and how it was matched; for an unmatched listing that, and the user who unmatched it. */
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
    // Undo unmatches the listing. If it had another match before, that would not be its former state, so undo is not offered.
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
