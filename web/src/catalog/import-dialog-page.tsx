import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { errorText, post } from '../api.ts'
import { Button } from '../ui/button.tsx'
import { Note } from '../ui/empty.tsx'
import { count } from '../ui/figures.tsx'
import { Dialog } from '../ui/overlay.tsx'
import { base64Of, SheetRefusals } from '../ui/sheet-refusals.tsx'
import { shared } from '../ui/words.ts'
import { useSay, type Words } from '../words.ts'
import type { SheetReport } from './types.ts'
import './catalog.css'

type Kind = 'skus' | 'listings'

const titles: Record<Kind, Words> = {
  skus: ['导入商品', 'Import products'],
  listings: ['导入匹配', 'Import matches'],
}
const hints: Record<Kind, Words> = {
  skus: [
    '一行一个 SKU，按商家编码认：没有的新增，已有的更新，空格子不改。最多 5,000 行、5 MB。',
    'One SKU a row, known by its code: new ones are added, known ones updated; empty cells change nothing. At most 5,000 rows, 5 MB.',
  ],
  listings: [
    '一行一个平台商品：店铺名称、平台商品 ID、平台规格 ID、商家编码。最多 5,000 行、5 MB。',
    'One listing a row: shop, item id, platform SKU id, and the code of the SKU. At most 5,000 rows, 5 MB.',
  ],
}
const heads: Record<Kind, string> = {
  skus: '商家编码*,商品名称,商品编码,规格,条码,分类,品牌,重量g,售价,最低价,图片',
  listings: '店铺*,平台商品ID*,平台规格ID,商家编码*',
}

/** Larger files are refused by the server as well. */
const mostBytes = 5_000_000

/** A sheet from the seller's own hand: good rows are done, each bad one is named with its row and cell. */
export default function ImportDialog({ kind, onClose }: { kind: Kind; onClose: () => void }) {
  const say = useSay()
  const queries = useQueryClient()
  const input = useRef<HTMLInputElement>(null)
  const [file, setFile] = useState<File>()
  const send = useMutation({
    mutationFn: async (chosen: File) =>
      post<SheetReport>(`/${kind}/import`, { file: await base64Of(chosen) }),
    onSuccess: () => queries.invalidateQueries(),
  })
  const tooLarge = file !== undefined && file.size > mostBytes
  const why =
    file === undefined
      ? say(['先选文件', 'Choose a file first'])
      : tooLarge
        ? say(['文件最大 5 MB', 'At most 5 MB'])
        : undefined
  const title = say(titles[kind])
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
      <p className="t2">{say(hints[kind])}</p>
      <div className="row">
        <Button onClick={() => input.current?.click()}>{say(['选择文件', 'Choose a file'])}</Button>
        <span className={file ? 'cut' : 't3'}>
          {file ? file.name : say(['.xlsx 或 .csv', '.xlsx or .csv'])}
        </span>
        <a className="link push" href={templateOf(kind)} download={`${kind}.csv`}>
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
      {report && <Report report={report} />}
    </Dialog>
  )
}

function Report({ report }: { report: SheetReport }) {
  const say = useSay()
  const { rows, created, updated, refused } = report
  const bad = rows - created - updated
  return (
    <div className="stack" role="status">
      <Note tone={bad > 0 ? 'warn' : 'ok'}>
        {say(
          [
            '{rows} 行：新增 {created}，更新 {updated}，没成 {bad}',
            '{rows} rows: {created} new, {updated} updated, {bad} refused',
          ],
          {
            rows: count(rows),
            created: count(created),
            updated: count(updated),
            bad: count(bad),
          },
        )}
      </Note>
      <SheetRefusals refused={refused} />
    </div>
  )
}

/** With the mark by which spreadsheets know UTF-8. */
function templateOf(kind: Kind): string {
  return `data:text/csv;charset=utf-8,${encodeURIComponent(`\ufeff${heads[kind]}\r\n`)}`
}
