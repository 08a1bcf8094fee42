import type { Static } from 'typebox'
import type { platformAction } from '../../../server/core/outbox/contract.ts'
import { actionStateWords } from '../../../server/core/outbox/lists-contract.ts'
import { decisionOf } from '../intake/to-decision.tsx'
import type { Json } from '../ui/base/json.ts'
import { PageLink } from '../ui/base/page-link.tsx'
import { platformErrorText } from '../ui/base/platform-error.ts'
import { Status, type Tone } from '../ui/base/status.tsx'
import { type LocalizedPair, type Say, useSay } from '../words.ts'

export type Action = Json<Static<typeof platformAction>>

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
const waitWords: Record<Exclude<Action['waitsFor'], ''>, LocalizedPair> = {
  paused: [
    '店铺已暂停或要重新授权，恢复后自动继续',
    'Its shop is stopped or must be authorised again; then it goes on',
  ],
  banned: [
    '平台限流中，到时自动继续',
    'The platform takes no more calls for now; it continues automatically',
  ],
  away: ['平台没有响应，恢复后自动继续', 'The platform does not answer; it goes on as soon as it does'],
}

export function ActionState({ row }: { row: Action }) {
  const say = useSay()
  return (
    <Status tone={row.needsPerson ? 'bad' : tones[row.state]}>
      {row.needsPerson ? say(['要人核实', 'Needs a person']) : say(actionStateWords[row.state])}
    </Status>
  )
}

/** Returns why the action waits, the platform's answer, or the reason that a user gave. */
export function actionText(row: Action, say: Say): string {
  if (row.waitsFor !== '') return say(waitWords[row.waitsFor])
  return platformErrorText(row.error, say) || row.settledReason
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
