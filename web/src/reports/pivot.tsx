import { type CSSProperties, useState } from 'react'
import {
  addCells,
  type Dimension,
  dimensionWords,
  type Measure,
  measured,
} from '../../../server/reports/report-rules.ts'
import { useKeys } from '../ui/base/keys.ts'
import { useSay } from '../words.ts'
import { figureText } from './figure-text.ts'
import { useRowName } from './row-name.ts'
import type { FigureRow, Figures } from './types.ts'

/** A cell: its row (undefined: all) and its period (undefined: all). */
export type At = { row: FigureRow | undefined; period: number | undefined; others?: true }

type Props = {
  data: Figures
  dimension: Dimension
  measure: Measure
  periodNames: readonly string[]
  onOpen: (at: At) => void
  onClose: () => void
}

/** Rows × periods. Arrows move from cell to cell; Enter or a click opens the rows of the cell. */
export function Pivot(props: Props) {
  const say = useSay()
  const { data, measure, periodNames, dimension } = props
  const [at, setAt] = useCells(props)
  const value = (cell: readonly number[] | null) => measured(measure, data.columns, cell)
  const whole = value(addCells(data.total))
  const top = Math.max(1e-9, ...data.rows.flatMap(({ cells }) => cells.map((cell) => value(cell) ?? 0)))
  const adds = measure.per === undefined
  const shade = (place: number) => (isWhole(data.periods[place]) ? '' : 'unfinished')
  const cellsOf = (cells: Figures['total'], row: number) =>
    [...cells, addCells(cells)].map((cell, place) => {
      const isSum = place === cells.length
      const here = at?.row === row && at.place === place
      const heat =
        isSum || row >= data.rows.length ? 0 : Math.round((20 * Math.max(0, value(cell) ?? 0)) / top)
      const style: CSSProperties & Record<'--heat', string> = { '--heat': `${heat}%` }
      return (
        <td
          key={periodNames[place] ?? 'sum'}
          className={`right ${here ? 'at' : ''} ${isSum ? '' : shade(place)}`}
          style={style}
          ref={here ? (cell) => cell?.scrollIntoView({ block: 'nearest', inline: 'nearest' }) : undefined}
        >
          <button
            type="button"
            className="report-cell num"
            tabIndex={-1}
            onClick={() => setAt({ row, place }, true)}
          >
            {figureText(measure, value(cell), say)}
          </button>
        </td>
      )
    })
  return (
    <table className="plain-table report-pivot" aria-label={say(measure.words)}>
      <thead>
        <tr>
          <th scope="col">{say(dimensionWords[dimension])}</th>
          {periodNames.map((name, place) => (
            <th key={name} scope="col" className={`right ${shade(place)}`}>
              {name}
            </th>
          ))}
          <th scope="col" className="right">
            {say(['合计', 'Total'])}
          </th>
          <th scope="col" className="right">
            {adds && say(['占比', 'Share'])}
          </th>
        </tr>
      </thead>
      <tbody>
        {data.rows.map((row, place) => (
          <tr key={row.key}>
            <Name row={row} dimension={dimension} />
            {cellsOf(row.cells, place)}
            <td className="right t2">{adds && share(value(addCells(row.cells)), whole)}</td>
          </tr>
        ))}
        {data.others.count > 0 && (
          <tr className="t2">
            <th scope="row">{say(['其余 {n} 个', '{n} {n|other|others}'], { n: data.others.count })}</th>
            {[...data.others.cells, addCells(data.others.cells)].map((cell, place) => (
              <td key={periodNames[place] ?? 'sum'} className="right">
                <button
                  type="button"
                  className="report-cell num"
                  tabIndex={-1}
                  onClick={() =>
                    props.onOpen({
                      row: undefined,
                      others: true,
                      period: place < data.periods.length ? place : undefined,
                    })
                  }
                >
                  {figureText(measure, value(cell), say)}
                </button>
              </td>
            ))}
            <td className="right">{adds && share(value(addCells(data.others.cells)), whole)}</td>
          </tr>
        )}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">{say(['合计', 'Total'])}</th>
          {cellsOf(data.total, data.rows.length)}
          <td className="right">{adds && whole ? '100%' : ''}</td>
        </tr>
      </tfoot>
    </table>
  )
}

/** True for a period that is over, and of which no row changed since. */
const isWhole = (period: Figures['periods'][number] | undefined) => period?.over === true && !period.due

const share = (part: number | null, whole: number | null) =>
  whole ? `${((100 * (part ?? 0)) / whole).toFixed(1)}%` : ''

function Name({ row, dimension }: { row: FigureRow; dimension: Dimension }) {
  const name = useRowName(dimension)(row)
  return (
    <th scope="row" title={name}>
      {name}
    </th>
  )
}

type Place = { row: number; place: number }

function useCells({ data, onOpen, onClose }: Props): [Place | undefined, (at: Place, open: boolean) => void] {
  const [at, set] = useState<Place>()
  const sum = data.periods.length
  const open = ({ row, place }: Place) =>
    onOpen({ row: data.rows[row], period: place === sum ? undefined : place })
  const setAt = (next: Place, opens: boolean) => {
    set(next)
    if (opens) open(next)
  }
  const move = (down: number, right: number) => {
    const from = at ?? { row: down > 0 ? -1 : 0, place: right > 0 ? -1 : 0 }
    const within = (value: number, most: number) => Math.max(0, Math.min(most, value))
    set({ row: within(from.row + down, data.rows.length), place: within(from.place + right, sum) })
  }
  useKeys([
    { key: 'ArrowLeft', words: ['换格', 'move between cells'], run: () => move(0, -1) },
    { key: 'ArrowRight', run: () => move(0, 1) },
    { key: 'ArrowUp', run: () => move(-1, 0) },
    { key: 'ArrowDown', run: () => move(1, 0) },
    { key: 'Enter', words: ['看明细', 'show the rows of the cell'], run: () => at && open(at) },
    { key: 'Escape', words: ['收起明细', 'close the rows'], run: onClose },
  ])
  return [at, setAt]
}
