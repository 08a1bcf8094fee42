import {
  type DocumentEvent,
  type DocumentStatus,
  documentStatusWords,
  freezeKindLabels,
  kindWords,
  whyNotDocument,
  whyNotUnfrozen,
} from '../../../server/inventory/lifecycle.ts'
import { documentVerbs } from '../../../server/inventory/verbs-contract.ts'
import { Two } from '../intake/cells.tsx'
import { actionsOn, type RowAction } from '../ui/act/actions.ts'
import { ActorName } from '../ui/base/actor-name.tsx'
import { Time } from '../ui/base/figures.tsx'
import { Status, type Tone } from '../ui/base/status.tsx'
import type { Cells } from '../ui/list/declared.tsx'
import { type Say, useSay } from '../words.ts'
import type { DocumentRow } from './types.ts'

export const documentTones: Record<DocumentStatus, Tone> = {
  draft: 'warn',
  approved: 'ring',
  sent: 'move',
  posted: 'ok',
  voided: 'void',
}

/** The document's state. A posted stock freeze is in force until it is unfrozen. */
export function DocumentState({ document }: { document: DocumentRow }) {
  const say = useSay()
  if (document.kind === 'lock' && document.status === 'posted')
    return document.releasedAt === null ? (
      <Status tone="move">{say(['锁定中', 'In force'])}</Status>
    ) : (
      <Status tone="ok">{say(['已释放', 'Released'])}</Status>
    )
  if (document.isLate) return <Status tone="bad">{say(['到时间没锁上', 'Not in force'])}</Status>
  return <Status tone={documentTones[document.status]}>{say(documentStatusWords[document.status])}</Status>
}

/** "锁定单 · 大促": the kind of the document; for a stock freeze also the kind of freeze. */
export function KindText({ document }: { document: DocumentRow }) {
  const say = useSay()
  const kind = say(kindWords[document.kind])
  return <>{document.lockKind === null ? kind : `${kind} · ${say(freezeKindLabels[document.lockKind])}`}</>
}

export function PlaceText({ document }: { document: DocumentRow }) {
  const { warehouseName, toWarehouseName } = document
  return <>{toWarehouseName === null ? warehouseName : `${warehouseName} → ${toWarehouseName}`}</>
}

const why = (event: DocumentEvent) => (row: DocumentRow, say: Say) => {
  const refusal = whyNotDocument(row, event, new Date())
  return refusal && say(refusal.message)
}

const act = actionsOn<DocumentRow>()

export const documentActions = {
  approve: act(documentVerbs.approve, {
    letter: 'A',
    primary: true,
    tabs: ['draft'],
    why: why('approve'),
    seenAs: (rows) => ({ seen: rows.map(({ id, version }) => ({ id, version })) }),
  }),
  post: act(documentVerbs.post, {
    letter: 'P',
    primary: true,
    confirm: [
      '过账 {n} 张单据，库存马上变动，不能撤回。调拨单是发出。',
      'Post {n} {n|document|documents}. Stock changes at once and cannot be taken back; transfers go out.',
    ],
    tabs: ['approved'],
    why: why('post'),
  }),
  receive: act(documentVerbs.receive, {
    letter: 'R',
    primary: true,
    confirm: ['{n} 张调拨单的货全部收到。', 'Everything of {n} {n|transfer|transfers} has arrived.'],
    tabs: ['sent'],
    why: why('receive'),
  }),
  void: act(documentVerbs.void, {
    letter: 'V',
    danger: true,
    confirm: ['作废 {n} 张单据。', 'Void {n} {n|document|documents}.'],
    tabs: ['draft', 'approved'],
    why: why('void'),
  }),
  release: act(documentVerbs.release, {
    letter: 'U',
    confirm: [
      '{n} 张锁定单还锁着的全部释放，缺货的订单会先得到。',
      'Everything that {n} {n|lock|locks} still {n|holds|hold} is freed; orders that wait are served first.',
    ],
    tabs: ['posted'],
    why: (row, say) => {
      const refusal = whyNotUnfrozen(row)
      return refusal && say(refusal.message)
    },
  }),
} satisfies Record<string, RowAction<DocumentRow>>

export const documentCells: Cells<DocumentRow> = {
  kind: (row) => (
    <div className="cut">
      <KindText document={row} />
    </div>
  ),
  warehouse: (row) => (
    <div className="cut">
      <PlaceText document={row} />
    </div>
  ),
  created: (row, compact) =>
    compact ? (
      <ActorName name={row.createdBy} />
    ) : (
      <Two first={<ActorName name={row.createdBy} />} second={<Time at={row.createdAt} />} />
    ),
}
