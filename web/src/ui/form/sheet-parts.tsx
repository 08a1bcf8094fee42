import { useRef } from 'react'
import type { RowRefusal } from '../../../../server/core/sheets/sheet-contract.ts'
import { useSay } from '../../words.ts'
import { Button } from '../base/button.tsx'
import './sheet-refusals.css'

export function SheetRefusals({ refused }: { refused: readonly RowRefusal[] }) {
  const say = useSay()
  if (refused.length === 0) return null
  return (
    <div className="sheet-refusals">
      <table className="plain-table">
        <thead>
          <tr>
            <th className="right">{say(['行', 'Row'])}</th>
            <th>{say(['列', 'Column'])}</th>
            <th>{say(['原因', 'Why'])}</th>
          </tr>
        </thead>
        <tbody>
          {refused.map((one) => (
            <tr key={`${one.row} ${one.column} ${one.code}`}>
              <td className="right">{one.row}</td>
              <td>{one.column || <span className="t3">{say(['整行', 'Row'])}</span>}</td>
              <td>{say(one.message)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Encodes a file as base64, because it is sent inside JSON. */
export async function base64Of(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  let text = ''
  for (let from = 0; from < bytes.length; from += 32_768)
    text += String.fromCharCode(...bytes.subarray(from, from + 32_768))
  return btoa(text)
}

/** The server refuses larger files too. */
export const mostBytes = 5_000_000

/** Chooses a spreadsheet. `template`: an empty one, with its titles separated by commas. */
export function SheetFile(props: {
  file: File | undefined
  why?: string | undefined
  busy?: boolean
  template: { name: string; heads: string } | undefined
  onChoose: (file: File) => void
}) {
  const { file, template } = props
  const say = useSay()
  const input = useRef<HTMLInputElement>(null)
  return (
    <div className="row">
      <Button why={props.why} busy={props.busy ?? false} onClick={() => input.current?.click()}>
        {say(['选择文件', 'Choose a file'])}
      </Button>
      <span className={file ? 'cut' : 't3'}>
        {file ? file.name : say(['.xlsx 或 .csv', '.xlsx or .csv'])}
      </span>
      {template && (
        <a className="link push" href={hrefOf(template.heads)} download={template.name}>
          {say(['下载模板', 'Template'])}
        </a>
      )}
      <input
        ref={input}
        type="file"
        aria-label={say(['选择文件', 'Choose a file'])}
        accept=".xlsx,.csv,.txt"
        hidden
        onChange={(event) => {
          const chosen = event.target.files?.[0]
          // The corrected file mostly has the same name, and a change to the same value would not be noticed.
          event.target.value = ''
          if (chosen) props.onChoose(chosen)
        }}
      />
    </div>
  )
}

/** The byte order mark lets spreadsheets recognise UTF-8. */
const hrefOf = (heads: string) => `data:text/csv;charset=utf-8,${encodeURIComponent(`\ufeff${heads}\r\n`)}`
