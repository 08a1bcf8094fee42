import { type SheetFieldKey, sheetFields } from '../../../server/intake/sheets/heads-contract.ts'
import type { Answer } from '../api-routes.ts'
import { Choice } from '../ui/form/form.tsx'
import { useSay } from '../words.ts'

type Preview = Answer<'POST', '/shops/:id/trade-sheet/preview'>
export type SheetColumns = Preview['columns']

/** The fields that most sheets have. The others are shown on demand, and those that were found always. */
const usual: readonly SheetFieldKey[] = [
  'tid',
  'name',
  'mobile',
  'address',
  'code',
  'title',
  'quantity',
  'amount',
]

/** Which column is which field. A change is tried at once, and kept with the import. */
export function SheetColumnsForm({
  seen: { titles, columns, headRow, known },
  onChange,
}: {
  seen: Preview
  onChange: (columns: SheetColumns) => void
}) {
  const say = useSay()
  const none = { value: '', label: say(['（没有）', '(none)']) }
  const options = [none, ...titles.filter(Boolean).map((title) => ({ value: title, label: title }))]
  const isShown = (key: SheetFieldKey) => usual.includes(key) || columns[key] !== undefined
  const field = ({ key, words }: (typeof sheetFields)[number]) => (
    <Choice
      key={key}
      label={say(words)}
      value={columns[key] ?? ''}
      options={options}
      onChange={(title) => {
        const { [key]: _, ...others } = columns
        onChange(title === '' ? others : { ...others, [key]: title })
      }}
    />
  )
  return (
    <div className="stack">
      <p className="t2 small">
        {known
          ? say(
              [
                '第 {row} 行是表头，列和上次一样',
                'Row {row} has the titles; the columns are those of last time',
              ],
              {
                row: headRow,
              },
            )
          : say(
              [
                '第 {row} 行是表头。列认得不对，在这里改',
                'Row {row} has the titles. Correct a column here if it is wrong',
              ],
              {
                row: headRow,
              },
            )}
      </p>
      <div className="sheet-columns">{sheetFields.filter(({ key }) => isShown(key)).map(field)}</div>
      <details className="form-more">
        <summary className="t2">{say(['更多列', 'More columns'])}</summary>
        <div className="sheet-columns">{sheetFields.filter(({ key }) => !isShown(key)).map(field)}</div>
      </details>
    </div>
  )
}
