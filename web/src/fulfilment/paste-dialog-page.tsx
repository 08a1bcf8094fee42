import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { errorText, post } from '../api.ts'
import { Button } from '../ui/base/button.tsx'
import { Note } from '../ui/base/empty.tsx'
import { count } from '../ui/base/figures.tsx'
import { shared } from '../ui/base/words.ts'
import { Check, TextArea } from '../ui/form/form.tsx'
import { base64Of, SheetRefusals } from '../ui/form/sheet-parts.tsx'
import { Dialog } from '../ui/overlay/overlay.tsx'
import { useSay } from '../words.ts'
import type { WaybillReport } from './types.ts'
import '../catalog/catalog.css'

const mostBytes = 5_000_000

/**
 * Imports waybills from pasted lines "number, courier, waybill" or from a sheet. Valid rows are imported; the dialog shows the refused
 * ones.
 */
export default function PasteDialog({ onClose }: { onClose: () => void }) {
  const say = useSay()
  const [text, setText] = useState('')
  const [file, setFile] = useState<File>()
  const [ship, setShip] = useState(true)
  const [anyCourier, setAnyCourier] = useState(false)
  const send = useImport({ text, file, ship, keepChosen: !anyCourier }, setText)
  const why =
    file === undefined && text.trim() === ''
      ? say(['先粘贴，或选文件', 'Paste something or choose a file'])
      : file !== undefined && file.size > mostBytes
        ? say(['文件最大 5 MB', 'At most 5 MB'])
        : undefined
  const title = say(['批量填运单', 'Waybills in bulk'])
  return (
    <Dialog
      title={title}
      label={title}
      wide
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{say(send.data ? shared.close : shared.cancel)}</Button>
          <Button kind="primary" why={why} busy={send.isPending} onClick={() => send.mutate()}>
            {say(ship ? ['保存并发货', 'Save and ship'] : ['保存', 'Save'])}
          </Button>
        </>
      }
    >
      <p className="t2">
        {say([
          '一行一单：订单号或交易号、快递、运单号，用空格、逗号或制表符隔开。最多 5,000 行。',
          'A line each: order or trade number, courier, waybill, apart by blanks, commas or tabs. At most 5,000.',
        ])}
      </p>
      <TextArea label={say(['粘贴', 'Paste'])} value={text} rows={8} onChange={setText} />
      <FileChoice
        file={file}
        onChoose={(chosen) => {
          setFile(chosen)
          send.reset()
        }}
      />
      <Check
        label={say(['保存后马上发货并回写', 'Ship and write back at once'])}
        checked={ship}
        onChange={setShip}
      />
      <Check
        label={say([
          '快递和订单选的不同时，按粘贴的填',
          'Take the pasted courier where another was chosen for the order',
        ])}
        checked={anyCourier}
        onChange={setAnyCourier}
      />
      {send.error && <Note tone="bad">{errorText(send.error)}</Note>}
      {send.data && <Report report={send.data} />}
    </Dialog>
  )
}

type Pasted = { text: string; file: File | undefined; ship: boolean; keepChosen: boolean }

/** Rows that were done are removed from the text, so the refusals get the numbers of the remaining rows. */
function useImport({ text, file, ...how }: Pasted, setText: (text: string) => void) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async () => {
      const input = file ? { file: await base64Of(file) } : { text }
      const report = await post('/deliveries/import', { ...input, ...how })
      if (file) return report
      const left = [...new Set(report.refused.map(({ row }) => row))].sort((a, b) => a - b)
      setText(left.map((row) => text.split('\n')[row - 1]).join('\n'))
      return {
        ...report,
        refused: report.refused.map((each) => ({ ...each, row: left.indexOf(each.row) + 1 })),
      }
    },
    onSuccess: () => queries.invalidateQueries(),
  })
}

function FileChoice(props: { file: File | undefined; onChoose: (file: File | undefined) => void }) {
  const say = useSay()
  const input = useRef<HTMLInputElement>(null)
  const { file } = props
  return (
    <div className="row">
      <Button onClick={() => input.current?.click()}>{say(['选择文件', 'Choose a file'])}</Button>
      <span className={file ? 'cut' : 't3'}>
        {file ? file.name : say(['或 .xlsx、.csv', 'or .xlsx, .csv'])}
      </span>
      <input
        ref={input}
        type="file"
        aria-label={say(['选择文件', 'Choose a file'])}
        accept=".xlsx,.csv,.txt"
        hidden
        onChange={(event) => props.onChoose(event.target.files?.[0])}
      />
    </div>
  )
}

function Report({ report }: { report: WaybillReport }) {
  const say = useSay()
  const { rows, written, shipped, refused } = report
  return (
    <div className="stack" role="status">
      <Note tone={refused.length > 0 ? 'warn' : 'ok'}>
        {say(
          [
            '{rows} 行：保存 {written}，发货 {shipped}，失败 {bad}',
            '{rows} rows: {written} saved, {shipped} shipped, {bad} refused',
          ],
          { rows: count(rows), written: count(written), shipped: count(shipped), bad: count(refused.length) },
        )}
      </Note>
      <SheetRefusals refused={refused} />
    </div>
  )
}
