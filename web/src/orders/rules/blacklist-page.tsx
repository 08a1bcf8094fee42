import { blacklist } from '../../../../server/orders/buyers/lists-contract.ts'
import { orderVerbs } from '../../../../server/orders/verbs-contract.ts'
import { actionsOn } from '../../ui/act/actions.ts'
import { ActorName } from '../../ui/base/actor-name.tsx'
import { Time } from '../../ui/base/figures.tsx'
import { listOf } from '../../ui/list/declared.tsx'
import { ListPage } from '../../ui/list/list-page.tsx'
import { useSay } from '../../words.ts'
import type { BlacklistRow } from '../types.ts'

/** The end date of a blacklist entry. After it the entry stops no order. */
function Until({ at }: { at: string | null }) {
  const say = useSay()
  if (at === null) return <span className="t3">{say(['一直', 'For ever'])}</span>
  return Date.parse(at) < Date.now() ? (
    <span className="t3">{say(['已到期', 'Ended'])}</span>
  ) : (
    <Time at={at} />
  )
}

const removing = actionsOn<BlacklistRow>()(orderVerbs.unblacklist, {
  letter: 'V',
  danger: true,
  confirm: ['把 {n} 条移出黑名单。', 'Take {n} off the blacklist.'],
})

const config = listOf<BlacklistRow>(blacklist, {
  counted: false,
  cells: {
    until: (row) => <Until at={row.until} />,
    by: (row) => <ActorName name={row.createdBy} />,
  },
  actions: [removing],
  nameOf: (row) => row.masked,
})

/** 黑名单: buyers whose orders a review check stops. */
export default function BlacklistPage() {
  return <ListPage config={config} />
}
