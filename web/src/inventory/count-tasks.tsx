import {
  type CountStatus,
  countStatusWords,
  whyNotEnded,
} from '../../../server/inventory/counting/count-rules.ts'
import { documentStatusWords } from '../../../server/inventory/lifecycle.ts'
import { countVerbs } from '../../../server/inventory/verbs-contract.ts'
import { Two } from '../intake/cells.tsx'
import { actionsOn } from '../ui/act/actions.ts'
import { ActorName } from '../ui/base/actor-name.tsx'
import { count, Time } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { Status, type Tone } from '../ui/base/status.tsx'
import type { Cells } from '../ui/list/declared.tsx'
import { useSay } from '../words.ts'
import { documentTones } from './documents.tsx'
import type { CountRow } from './types.ts'

const tones: Record<CountStatus, Tone> = { open: 'move', done: 'ok', cancelled: 'void' }

/** The state of a counting task. SKUs that wait for a second count make it a warning, because a person must count them again. */
export function CountState({ task: { status, seconds } }: { task: CountRow }) {
  const say = useSay()
  return (
    <Status tone={seconds > 0 ? 'warn' : tones[status]}>
      {seconds > 0
        ? say(['{n} 种等第二遍', '{n} {n|waits|wait} for a second count'], { n: seconds })
        : say(countStatusWords[status])}
    </Status>
  )
}

export const endCount = actionsOn<CountRow>()(countVerbs.end, {
  letter: 'E',
  confirm: [
    '结束 {n} 个盘点。没数完的不计入，差异成盘点单，待审核。',
    'End {n} {n|count|counts}. What is not finished is left out; differences become a stock-take that waits for approval.',
  ],
  tabs: ['open', 'second'],
  why: (row, say) => {
    const refusal = whyNotEnded(row)
    return refusal && say(refusal.message)
  },
})

/** "2 种 +3 −5": decided SKUs that differ, with their pieces. */
export function Differing({ task: { differing, more, less } }: { task: CountRow }) {
  const say = useSay()
  if (differing === 0) return <span className="t3">–</span>
  return (
    <span className="num">
      {say(['{n} 种', '{n} {n|SKU|SKUs}'], { n: differing })}
      {more > 0 && <b> +{count(more)}</b>}
      {less > 0 && <b> {count(-less)}</b>}
    </span>
  )
}

export function DocumentLink({ task: { documentId, documentNo, documentStatus } }: { task: CountRow }) {
  const say = useSay()
  if (documentId === null || documentStatus === null) return <span className="t3">–</span>
  return (
    <Two
      first={
        <PageLink
          className="link num"
          to="/stock-documents"
          search={{ tab: documentStatus, open: documentId }}
        >
          {documentNo}
        </PageLink>
      }
      second={
        <Status tone={documentTones[documentStatus]}>{say(documentStatusWords[documentStatus])}</Status>
      }
    />
  )
}

const who = (name: string | null, at: string | null, compact: boolean) =>
  name === null ? (
    <span className="t3">–</span>
  ) : compact ? (
    <ActorName name={name} />
  ) : (
    <Two first={<ActorName name={name} />} second={<Time at={at} />} />
  )

export const countCells: Cells<CountRow> = {
  differing: (row) => <Differing task={row} />,
  document: (row, compact) =>
    compact ? (
      <div className="cut num">{row.documentNo ?? <span className="t3">–</span>}</div>
    ) : (
      <DocumentLink task={row} />
    ),
  created: (row, compact) => who(row.createdBy, row.createdAt, compact),
  ended: (row, compact) => who(row.endedBy, row.endedAt, compact),
}
