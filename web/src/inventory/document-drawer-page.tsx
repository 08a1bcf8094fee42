import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { documentStatusWords } from '../../../server/inventory/lifecycle.ts'
import { get, post } from '../api.ts'
import { type RowAction, useActions } from '../ui/act/actions.ts'
import { type Act, Acts } from '../ui/act/acts.tsx'
import { outcomeText } from '../ui/act/batch-words.ts'
import { LoadError } from '../ui/base/empty.tsx'
import { count, Time } from '../ui/base/figures.tsx'
import { nearTime } from '../ui/base/time.ts'
import { shared } from '../ui/base/words.ts'
import { TextField } from '../ui/form/form.tsx'
import { ListDialogs } from '../ui/list/list-dialogs.tsx'
import { useUrlState } from '../ui/list/search-params.ts'
import { Drawer, Section, type Step, Steps } from '../ui/overlay/drawer.tsx'
import { FormDialog } from '../ui/overlay/form-dialog.tsx'
import { toast, toastError } from '../ui/overlay/toasts.tsx'
import { type Say, useSay } from '../words.ts'
import { DocumentState, documentActions, KindText, PlaceText } from './documents.tsx'
import './inventory.css'
import { Change, Pieces, SkuCell } from './sku.tsx'
import type { DocumentDetail, DocumentRow } from './types.ts'

const DocumentDialog = lazy(() => import('./document-dialog-page.tsx'))

export default function DocumentDrawer({
  rows,
  step,
  onClose,
}: {
  rows: readonly DocumentRow[]
  step: (by: number) => void
  onClose: () => void
}) {
  const say = useSay()
  const [search] = useUrlState()
  const id = search['open'] ?? ''
  const found = useQuery({
    queryKey: ['/stock-documents', id],
    queryFn: () => get('/stock-documents/:id', { id }),
  })
  const { data } = found
  return (
    <Drawer
      label={say(['单据 {no}', 'Document {no}'], { no: data?.no ?? '' })}
      at={rows.findIndex((row) => row.id === id)}
      total={rows.length}
      step={step}
      onClose={onClose}
      title={
        data && (
          <>
            <h2>{data.no}</h2>
            <DocumentState document={data} />
            <span className="t2 small cut">
              <KindText document={data} />
            </span>
          </>
        )
      }
      foot={data && <DocumentActs key={data.id} document={data} />}
    >
      {found.error && <LoadError error={found.error} onRetry={() => void found.refetch()} />}
      {data && (
        <>
          <Steps steps={stepsOf(data, say)} />
          <div className="drawer-body one">
            <div className="drawer-main">
              <Facts document={data} />
              <Lines document={data} />
            </div>
          </div>
        </>
      )}
    </Drawer>
  )
}

const reached = (by: string | null, at: string | null) =>
  at === null ? {} : { at: nearTime(at), by: by ?? '' }

function stepsOf(document: DocumentDetail, say: Say): Step[] {
  const made: Step = {
    words: say(['制单', 'Written']),
    state: 'done',
    ...reached(document.createdBy, document.createdAt),
  }
  if (document.status === 'voided') {
    const words = say(documentStatusWords.voided)
    return [made, { words, state: 'now', ...reached(document.voidedBy, document.voidedAt) }]
  }
  const isTransfer = document.kind === 'transfer'
  const life = [
    { words: say(['审核', 'Approved']), ...reached(document.approvedBy, document.approvedAt) },
    ...(isTransfer ? [{ words: say(['发出', 'Sent']), ...reached(document.sentBy, document.sentAt) }] : []),
    {
      words: say(isTransfer ? ['收货', 'Received'] : ['过账', 'Posted']),
      ...reached(document.postedBy, document.postedAt),
    },
    ...(document.kind === 'lock'
      ? [{ words: say(['释放', 'Released']), ...reached(document.releasedBy, document.releasedAt) }]
      : []),
  ]
  const next = life.findIndex((each) => !('at' in each))
  return [
    made,
    ...life.map(
      (each, index): Step => ({ ...each, state: 'at' in each ? 'done' : index === next ? 'now' : 'ahead' }),
    ),
  ]
}

function Facts({ document }: { document: DocumentDetail }) {
  const say = useSay()
  return (
    <dl className="fact-grid">
      <dt>{say(['仓库', 'Warehouse'])}</dt>
      <dd>
        <PlaceText document={document} />
      </dd>
      {document.startsAt && (
        <>
          <dt>{say(['锁定时间', 'Locked from'])}</dt>
          <dd className="wide">
            <Time at={document.startsAt} /> – <Time at={document.endsAt} />
            {document.isLate && (
              <div className="t2">
                {say([
                  '可用不够，没锁上，每 5 分钟再试；按过账看差什么',
                  'Too few pieces are available; it is tried every 5 minutes. Post names the missing goods',
                ])}
              </div>
            )}
          </dd>
        </>
      )}
      <dt>{say(['备注', 'Note'])}</dt>
      <dd className="wide">{document.note || <span className="t3">{say(shared.none)}</span>}</dd>
    </dl>
  )
}

function Lines({ document }: { document: DocumentDetail }) {
  const say = useSay()
  const { kind } = document
  return (
    <Section
      title={say(['商品', 'Goods'])}
      aside={say(['{n} 种 {pieces} 件', '{n} {n|SKU|SKUs}, {pieces} {pieces|pc|pcs}'], {
        n: document.lineCount,
        pieces: document.quantity,
      })}
    >
      <table className="plain-table">
        <thead>
          <tr>
            <th>{say(['商品 / 商家编码', 'Goods / code'])}</th>
            {kind === 'count' && <th className="right">{say(['账面', 'Book'])}</th>}
            <th className="right">{say(kind === 'count' ? ['实盘', 'Counted'] : ['数量', 'Quantity'])}</th>
            {kind === 'count' && <th className="right">{say(['差异', 'Difference'])}</th>}
            {kind === 'lock' && <th className="right">{say(['已释放', 'Released'])}</th>}
          </tr>
        </thead>
        <tbody>
          {document.lines.map((line) => (
            <tr key={line.lineNo}>
              <td>
                <SkuCell sku={line} />
              </td>
              {kind === 'count' && <td className="right">{count(line.book ?? 0)}</td>}
              <td className="right">
                {kind === 'adjustment' ? <Change by={line.quantity} /> : count(line.quantity)}
              </td>
              {kind === 'count' && (
                <td className="right">
                  {line.quantity === line.book ? (
                    <span className="t3">–</span>
                  ) : (
                    <b>
                      <Change by={line.quantity - (line.book ?? 0)} />
                    </b>
                  )}
                </td>
              )}
              {kind === 'lock' && (
                <td className="right">
                  <Pieces of={line.released} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  )
}

function DocumentActs({ document }: { document: DocumentDetail }) {
  const [dialog, setDialog] = useState<'edit' | 'part'>()
  const actions = useActions<DocumentRow>(() => undefined)
  const next: RowAction<DocumentRow> | undefined =
    document.status === 'draft'
      ? documentActions.approve
      : document.status === 'approved'
        ? documentActions.post
        : document.status === 'sent'
          ? documentActions.receive
          : document.kind === 'lock' && document.status === 'posted'
            ? documentActions.release
            : undefined
  const own = (action: RowAction<DocumentRow>) => actions.actOf(action, document)
  const write = actions.allowed('inventory.write')
  const acts: Act[] = [
    ...(next ? [own(next)] : []),
    ...(next === documentActions.release && document.releasedAt === null
      ? [
          {
            name: 'release-part',
            words: ['部分释放…', 'Release a part…'] as const,
            letter: 'E',
            why: write,
            run: () => setDialog('part'),
          },
        ]
      : []),
    ...(document.status === 'draft'
      ? [
          {
            name: 'edit',
            words: ['修改…', 'Change…'] as const,
            letter: 'E',
            why: write,
            run: () => setDialog('edit'),
          },
        ]
      : []),
    ...(document.status === 'draft' || document.status === 'approved' ? [own(documentActions.void)] : []),
  ]
  return (
    <>
      <Acts acts={acts} busy={actions.busy} />
      <ListDialogs actions={actions} batch={undefined} rows={[document]} nameOf={(each) => each.no} />
      {dialog === 'part' && <PartDialog document={document} onClose={() => setDialog(undefined)} />}
      <Suspense>
        {dialog === 'edit' && <DocumentDialog document={document} onClose={() => setDialog(undefined)} />}
      </Suspense>
    </>
  )
}

/** Asks for each line how many pieces to unfreeze. */
function PartDialog({ document, onClose }: { document: DocumentDetail; onClose: () => void }) {
  const say = useSay()
  const queries = useQueryClient()
  const [typed, setTyped] = useState<Record<number, string>>({})
  const lines = document.lines.flatMap(({ lineNo }) => {
    const quantity = Number(typed[lineNo] ?? '')
    return quantity > 0 ? [{ lineNo, quantity }] : []
  })
  const wrong = (line: DocumentDetail['lines'][number]) => {
    const text = typed[line.lineNo] ?? ''
    const left = line.quantity - line.released
    return text !== '' && (!/^\d+$/.test(text) || Number(text) > left)
      ? say(['最多 {left}', 'At most {left}'], { left })
      : undefined
  }
  const free = useMutation({
    mutationFn: () => post('/stock-documents/release', { ids: [document.id], lines }),
    onSuccess: ({ results }) => {
      const [outcome] = results
      // After a refusal the form stays open with the typed quantities.
      if (outcome?.done === false) toast('bad', outcomeText(outcome, say))
      else {
        toast('ok', say(['已释放', 'Released']))
        onClose()
      }
      return queries.invalidateQueries()
    },
    onError: toastError,
  })
  const title = say(['部分释放 {no}', 'Release a part of {no}'], { no: document.no })
  const why =
    lines.length === 0
      ? say(['先填数量', 'Give a quantity first'])
      : document.lines.map(wrong).find((each) => each !== undefined)
  return (
    <FormDialog
      title={title}
      act={say(['释放', 'Release'])}
      busy={free.isPending}
      why={why}
      onSubmit={() => free.mutate()}
      onClose={onClose}
    >
      {document.lines
        .filter((line) => line.released < line.quantity)
        .map((line) => (
          <TextField
            key={line.lineNo}
            label={`${line.code} ${line.name}`}
            aside={say(['还锁 {left}', '{left} locked'], { left: count(line.quantity - line.released) })}
            value={typed[line.lineNo] ?? ''}
            inputMode="numeric"
            wrong={wrong(line)}
            onChange={(text) => setTyped({ ...typed, [line.lineNo]: text.trim() })}
          />
        ))}
    </FormDialog>
  )
}
