import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { mostPapers } from '../../../../server/fulfilment/papers/contract.ts'
import {
  type PaperTemplate,
  paperWords,
  templateFor,
} from '../../../../server/fulfilment/papers/paper-rules.ts'
import { Button, Segments } from '../../ui/base/button.tsx'
import { LoadError, Note } from '../../ui/base/empty.tsx'
import { useAllowed } from '../../ui/base/session.ts'
import { shared } from '../../ui/base/words.ts'
import { Dialog } from '../../ui/overlay/overlay.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import { layoutPaper, type Paper } from './layout/layout.ts'
import { type DeliveryOnPaper, deliveryData, type PaperNames, pickListData, picksOf } from './paper-data.ts'
import { papersQuery, templatesQuery } from './paper-queries.ts'
import { PrintSheets, sheetsOf } from './sheet.tsx'
import { SheetsShown } from './sheets-shown.tsx'
import { usePaperNames } from './use-names.ts'
import { useReceivers } from './use-receivers.tsx'

const titleWords: LocalizedPair = ['打印单据', 'Print papers']
const kinds = ['packing_slip', 'pick_list', 'label'] as const
type Kind = (typeof kinds)[number]

/** 打印单据: packing slips, the pick list, or plain labels of these deliveries, as their templates lay them out, printed by the browser. */
export default function PaperDialog(props: { rows: readonly { id: string }[]; onClose: () => void }) {
  const say = useSay()
  const [kind, setKind] = useState<Kind>('packing_slip')
  const [printing, setPrinting] = useState(false)
  const ids = props.rows.map(({ id }) => id)
  const templates = useQuery(templatesQuery)
  const found = useQuery({ ...papersQuery(ids.slice(0, mostPapers)) })
  const names = usePaperNames()
  const receivers = useReceivers()
  const rows = found.data?.rows ?? []
  const papers = templates.data
    ? papersOfKind(kind, rows, { templates: templates.data.rows, names, receivers: receivers.known })
    : []
  const sheets = sheetsOf(papers)
  const hidden = kind === 'label' ? rows.filter(({ id, own }) => own && !receivers.known.has(id)) : []
  const title = say(titleWords)
  const error = templates.error ?? found.error
  const allowed = useAllowed()
  const isPacking = hidden.every(({ pending }) => pending) && allowed('fulfilment.ship') === undefined
  const whyHidden = isPacking ? undefined : allowed('personal.reveal')
  const why =
    ids.length > mostPapers
      ? say(['一次最多打 {n} 单，少选一些', 'At most {n} at once: choose fewer'], { n: mostPapers })
      : sheets.length === 0
        ? say(['没有可打的', 'There is nothing to print'])
        : undefined
  return (
    <Dialog
      title={title}
      label={title}
      wide
      onClose={props.onClose}
      foot={
        <>
          <Button onClick={props.onClose}>{say(shared.close)}</Button>
          {hidden.length > 0 && (
            <Button
              action="reveal-receivers"
              why={whyHidden}
              busy={receivers.busy}
              onClick={() => receivers.reveal(hidden.map(({ id }) => id))}
            >
              {say(['显示 {n} 个收件人', 'Show {n} {n|receiver|receivers}'], { n: hidden.length })}
            </Button>
          )}
          <Button
            kind="primary"
            action="print-papers"
            why={why}
            busy={printing}
            onClick={() => setPrinting(true)}
          >
            {say(['打印 {n} 张', 'Print {n} {n|sheet|sheets}'], { n: sheets.length })}
          </Button>
        </>
      }
    >
      <Segments
        label={say(['单据', 'Paper'])}
        value={kind}
        options={kinds.map((value) => ({ value, label: say(paperWords[value]) }))}
        onChange={setKind}
      />
      {error && <LoadError error={error} onRetry={() => void found.refetch()} />}
      {kind === 'label' && <LabelNotes rows={rows} hidden={hidden.length} />}
      <SheetsShown papers={papers} />
      {printing && <PrintSheets papers={papers} onDone={() => setPrinting(false)} />}
      {receivers.dialog}
    </Dialog>
  )
}

function LabelNotes({ rows, hidden }: { rows: readonly DeliveryOnPaper[]; hidden: number }) {
  const say = useSay()
  const ofPlatform = rows.filter(({ own }) => !own).length
  return (
    <>
      {ofPlatform > 0 && (
        <Note tone="warn">
          {say(
            [
              '{n} 单是平台订单，收件人加密：取电子面单号，用打印面单。',
              '{n} are of a platform, which masks the receiver: take a number and print its label.',
            ],
            { n: ofPlatform },
          )}
        </Note>
      )}
      {hidden > 0 && (
        <p className="t2 small">
          {say([
            '普通面单要印收件人的姓名、电话和地址。显示后才能打，每个都记一笔。',
            'A plain label has name, phone and address of the receiver. Show them first; each leaves an audit row.',
          ])}
        </p>
      )}
    </>
  )
}

type Sources = {
  templates: readonly (PaperTemplate & { id: string })[]
  names: PaperNames
  receivers: ReadonlyMap<string, string>
}

function papersOfKind(
  kind: Kind,
  rows: readonly DeliveryOnPaper[],
  { templates, names, receivers }: Sources,
): Paper[] {
  if (rows.length === 0) return []
  if (kind !== 'pick_list')
    return rows.flatMap((row) => {
      const receiver = receivers.get(row.id)
      if (kind === 'label' && receiver === undefined) return []
      const template = templateFor(templates, kind, row)
      return [
        layoutPaper(template, deliveryData(row, template, names, kind === 'label' ? receiver : undefined)),
      ]
    })
  // One list for all: a template of a shop or courier is used only if all of them have it.
  const only = (values: readonly string[]) => (new Set(values).size === 1 ? (values[0] ?? '') : '')
  const template = templateFor(templates, kind, {
    shopId: only(rows.map(({ shopId }) => shopId)),
    courier: only(rows.map(({ courier }) => courier)),
  })
  const lines = picksOf(rows)
  const pieces = lines.reduce((sum, { quantity }) => sum + quantity, 0)
  const about =
    template.options.language === 'zh'
      ? `${rows.length} 单 ${pieces} 件 · ${lines.length} 站`
      : `${rows.length} deliveries, ${pieces} pieces, ${lines.length} stops`
  return [layoutPaper(template, pickListData({ no: '', about, lines }, template, names))]
}
