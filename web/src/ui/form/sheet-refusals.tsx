import type { RowRefusal } from '../../../../server/core/sheets/sheet-contract.ts'
import { useSay } from '../../words.ts'
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
