import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { mostPapers } from '../../../../server/fulfilment/papers/contract.ts'
import {
  type PaperKind,
  type PaperTemplate,
  paperWords,
  templateFor,
} from '../../../../server/fulfilment/papers/paper-rules.ts'
import { Button, Segments } from '../../ui/base/button.tsx'
import { LoadError, Note } from '../../ui/base/empty.tsx'
import { shared } from '../../ui/base/words.ts'
import { Dialog } from '../../ui/overlay/overlay.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import { layoutPaper, type Paper } from './layout.ts'
import { type DeliveryOnPaper, deliveryData, type PaperNames, pickListData, picksOf } from './paper-data.ts'
import { papersQuery, templatesQuery } from './paper-queries.ts'
import { PrintSheets, Sheet, sheetsOf } from './sheet.tsx'
import { usePaperNames } from './use-names.ts'
import './papers.css'

const titleWords: LocalizedPair = ['打印单据', 'Print papers']
/** Sheets that the dialog shows; all are printed. */
const mostShown = 6

/** 打印单据: the packing slips or the pick list of these deliveries, as their templates lay them out, printed by the browser. */
export default function PaperDialog(props: { rows: readonly { id: string }[]; onClose: () => void }) {
  const say = useSay()
  const [kind, setKind] = useState<'packing_slip' | 'pick_list'>('packing_slip')
  const [printing, setPrinting] = useState(false)
  const ids = props.rows.map(({ id }) => id)
  const templates = useQuery(templatesQuery)
  const found = useQuery({ ...papersQuery(ids.slice(0, mostPapers)) })
  const names = usePaperNames()
  const papers =
    templates.data && found.data
      ? papersOfKind(kind, found.data.rows, { templates: templates.data.rows, names })
      : []
  const sheets = sheetsOf(papers)
  const title = say(titleWords)
  const error = templates.error ?? found.error
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
          <Button
            kind="primary"
            action="print-papers"
            why={why}
            busy={printing}
            onClick={() => setPrinting(true)}
          >
            {say(['打印 {n} 张', 'Print {n|sheet|sheets}'], { n: sheets.length })}
          </Button>
        </>
      }
    >
      <Segments
        label={say(['单据', 'Paper'])}
        value={kind}
        options={(['packing_slip', 'pick_list'] as const).map((value) => ({
          value,
          label: say(paperWords[value]),
        }))}
        onChange={setKind}
      />
      {error && <LoadError error={error} onRetry={() => void found.refetch()} />}
      {papers.some(({ checks }) => checks.lost.length > 0 || checks.badCode) && (
        <Note tone="warn">
          {say([
            '有内容放不下。到打印模板里调小，或换大一点的纸。',
            'Some of it finds no room. Mend the template, or take larger paper.',
          ])}
        </Note>
      )}
      <div className="paper-strip">
        {sheets.slice(0, mostShown).map(({ key, paper, page }, at) => (
          <Sheet
            key={key}
            paper={paper}
            page={page}
            label={say(['第 {n} 张', 'Sheet {n}'], { n: at + 1 })}
            className="paper-sheet small-sheet"
          />
        ))}
      </div>
      {sheets.length > mostShown && (
        <p className="t3 small">{say(['还有 {n} 张', '{n} more'], { n: sheets.length - mostShown })}</p>
      )}
      {printing && <PrintSheets papers={papers} onDone={() => setPrinting(false)} />}
    </Dialog>
  )
}

type Stored = readonly (PaperTemplate & { id: string })[]

function papersOfKind(
  kind: PaperKind,
  rows: readonly DeliveryOnPaper[],
  { templates, names }: { templates: Stored; names: PaperNames },
): Paper[] {
  if (rows.length === 0) return []
  if (kind !== 'pick_list')
    return rows.map((row) => {
      const template = templateFor(templates, kind, row)
      return layoutPaper(template, deliveryData(row, template, names))
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
