import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { importHeads } from '../../../server/orders/own-contract.ts'
import { errorText, post } from '../api.ts'
import { Button } from '../ui/button.tsx'
import { Note } from '../ui/empty.tsx'
import { count } from '../ui/figures.tsx'
import { Dialog } from '../ui/overlay.tsx'
import { base64Of, SheetRefusals } from '../ui/sheet-refusals.tsx'
import { shared } from '../ui/words.ts'
import { useSay } from '../words.ts'
import type { OrderReport } from './types.ts'

/** Larger files are refused by the server as well. */
const mostBytes = 5_000_000

/** 导入订单: whole orders come in, each row that kept one out is named with its cell. */
export default function ImportDialog({ onClose }: { onClose: () => void }) {
  const say = useSay()
  const queries = useQueryClient()
  const input = useRef<HTMLInputElement>(null)
  const [file, setFile] = useState<File>()
  const send = useMutation({
    mutationFn: async (chosen: File) => post<OrderReport>('/orders/import', { file: await base64Of(chosen) }),
    onSuccess: () => queries.invalidateQueries(),
  })
  const why =
    file === undefined
      ? say(['先选文件', 'Choose a file first'])
      : file.size > mostBytes
        ? say(['文件最大 5 MB', 'At most 5 MB'])
        : undefined
  const title = say(['导入订单', 'Import orders'])
  const report = send.data
  return (
    <Dialog
      title={title}
      label={title}
      wide={report !== undefined && report.refused.length > 0}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{say(report ? shared.close : shared.cancel)}</Button>
          <Button kind="primary" why={why} busy={send.isPending} onClick={() => file && send.mutate(file)}>
            {say(['导入', 'Import'])}
          </Button>
        </>
      }
    >
      <p className="t2">
        {say([
          '一行一个商品；同一家店、同一个订单号的几行是一单，收件人写在其中一行就够。导过的订单号不会再建。最多 5,000 行、5 MB。',
          'A line of goods in each row; rows of one shop and number are one order, its receiver in any of them. A number that came in before makes nothing. At most 5,000 rows, 5 MB.',
        ])}
      </p>
      <div className="row">
        <Button onClick={() => input.current?.click()}>{say(['选择文件', 'Choose a file'])}</Button>
        <span className={file ? 'cut' : 't3'}>
          {file ? file.name : say(['.xlsx 或 .csv', '.xlsx or .csv'])}
        </span>
        <a className="link push" href={template} download="orders.csv">
          {say(['下载模板', 'Template'])}
        </a>
        <input
          ref={input}
          type="file"
          aria-label={say(['选择文件', 'Choose a file'])}
          accept=".xlsx,.csv,.txt"
          hidden
          onChange={(event) => {
            setFile(event.target.files?.[0])
            send.reset()
          }}
        />
      </div>
      {send.error && <Note tone="bad">{errorText(send.error)}</Note>}
      {report && (
        <div className="stack" role="status">
          <Note tone={report.created < report.orders || report.refused.length > 0 ? 'warn' : 'ok'}>
            {say(
              [
                '{rows} 行 {orders} 单：新建 {created} 单，没成的在下面',
                '{rows} rows, {orders} orders: {created} made; the others are below',
              ],
              { rows: count(report.rows), orders: count(report.orders), created: count(report.created) },
            )}
          </Note>
          <SheetRefusals refused={report.refused} />
        </div>
      )}
    </Dialog>
  )
}

/** With the mark by which spreadsheets know UTF-8. */
const template = `data:text/csv;charset=utf-8,${encodeURIComponent(
  `\ufeff${Object.values(importHeads)
    .map(([head]) => head)
    .join(',')}\r\n`,
)}`
