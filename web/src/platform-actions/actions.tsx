import { actionStateWords } from '../../../server/core/outbox/lists-contract.ts'
import { decisionOf } from '../intake/to-decision.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { Status, type Tone } from '../ui/base/status.tsx'
import { useSay } from '../words.ts'
import type { Action } from './action-text.ts'

const tones: Record<Action['state'], Tone> = {
  pending: 'ring',
  sending: 'move',
  succeeded: 'ok',
  failed: 'bad',
  unknown: 'warn',
  forced: 'idle',
  manual: 'idle',
  withdrawn: 'void',
}
export function ActionState({ row }: { row: Action }) {
  const say = useSay()
  return (
    <Status tone={row.needsPerson ? 'bad' : tones[row.state]}>
      {row.needsPerson ? say(['要人核实', 'Needs a person']) : say(actionStateWords[row.state])}
    </Status>
  )
}

type Place = {
  to: '/staged-refunds' | '/orders' | '/deliveries' | '/returns' | '/stock-uploads'
  search: (row: Action) => Record<string, string>
}
const places: Record<string, Place> = {
  staged_refund: { to: '/staged-refunds', search: (row) => decisionOf(row.subjectId) },
  sales_order: { to: '/orders', search: (row) => ({ tab: 'all', open: row.subjectId }) },
  delivery: { to: '/deliveries', search: (row) => ({ tab: 'all', ids: row.subjectId }) },
  return: { to: '/returns', search: (row) => ({ tab: 'all', open: row.subjectId }) },
  listing_item: { to: '/stock-uploads', search: (row) => ({ q: row.subjectId }) },
}

export function ActionSubject({ row }: { row: Action }) {
  const say = useSay()
  const place = places[row.subjectType]
  const name = row.subjectNo || say(['已不在', 'No longer there'])
  if (!place || row.subjectNo === '') return <span className="t2">{name}</span>
  return (
    <PageLink to={place.to} search={place.search(row)}>
      {name}
    </PageLink>
  )
}
