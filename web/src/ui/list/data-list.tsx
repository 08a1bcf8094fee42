import { useVirtualizer } from '@tanstack/react-virtual'
import {
  type CSSProperties,
  type MouseEvent,
  memo,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useRef,
} from 'react'
import { type LocalizedPair, useSay } from '../../words.ts'
import { useKeys } from '../base/keys.ts'
import { densitySetting } from '../base/store.ts'
import { Tick } from '../overlay/overlay.tsx'
import { listWords } from './list-words.ts'
import type { Rows, Selection } from './rows.ts'
import './list.css'

export type Column<Row> = {
  key: string
  title: LocalizedPair
  /** The width as a grid track: "84px", "minmax(140px,156fr)". */
  width: string
  compactWidth?: string
  align?: 'right'
  /** The API's name for sorting by this column. */
  sort?: string
  /** The only density in which the column is shown. */
  only?: 'normal' | 'compact'
  /** True: the column cannot be hidden. */
  fixed?: boolean
  cell: (row: Row, compact: boolean) => ReactNode
}

type DataListProps<Row extends { id: string }> = {
  label: string
  list: Rows<Row>
  columns: readonly Column<Row>[]
  selection?: Selection | undefined
  sort?: string
  onSort?: (sort: string) => void
  focus: string | undefined
  onFocus: (id: string) => void
  /** True while the focus moves to a row that took the place of another: the list does not scroll then. */
  still?: RefObject<boolean>
  onOpen?: (row: Row) => void
  empty: ReactNode
  /** The height of rows that have one line in normal density. */
  rowHeight?: number
  /** The space in pixels for the bar above the foot. */
  bottomPadding?: number
  rowTone?: (row: Row) => string
  /** Content below an expanded row, such as the answers to an error. */
  expanded?: (row: Row) => ReactNode
}

const rowHeights = { normal: 44, compact: 32 }

/** The table of a list page. All rows have the same height, and only visible ones are drawn. The keys j, k, x and Enter move and select. */
export function DataList<Row extends { id: string }>(props: DataListProps<Row>) {
  const { list, selection, focus } = props
  const { rows, hasMore } = list
  const compact = densitySetting.use() === 'compact'
  const shown = props.columns.filter(
    (column) => column.only === undefined || column.only === (compact ? 'compact' : 'normal'),
  )
  const scroller = useRef<HTMLDivElement>(null)
  const height = compact ? rowHeights.compact : (props.rowHeight ?? rowHeights.normal)
  const virtual = useSeenRows(props, scroller, height)
  const onRow = useRowKeys(props)
  const template = `${selection ? '57px' : '16px'} ${shown.map((each) => (compact ? each.compactWidth : undefined) ?? each.width).join(' ')} 4px`
  const minWidth = leastWidth(template)
  const rowStyle: CSSProperties & Record<'--row', string> = { '--row': `${height - 1}px` }
  const look = { columns: shown, template, compact }
  return (
    <div
      ref={scroller}
      className={`data-list ${compact ? 'compact' : ''} ${list.stale ? 'stale' : ''}`}
      role="grid"
      aria-label={props.label}
      aria-rowcount={hasMore ? -1 : rows.length + 1}
      aria-busy={list.loading || list.stale}
      aria-multiselectable={selection !== undefined}
      aria-activedescendant={focus === undefined ? undefined : `row-${focus}`}
      tabIndex={0}
      style={rowStyle}
    >
      <Head {...props} columns={shown} template={template} minWidth={minWidth} />
      {rows.length === 0 && <div className="list-empty">{list.loading ? <Skeleton /> : props.empty}</div>}
      <div
        style={{
          height: virtual.getTotalSize() + (props.bottomPadding ?? 0),
          position: 'relative',
          minWidth,
        }}
      >
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index]
          return (
            row && (
              <div
                key={row.id}
                data-index={index}
                ref={virtual.measureElement}
                className="row-place"
                style={{ transform: `translateY(${start}px)` }}
              >
                <ListRow
                  {...look}
                  row={row}
                  index={index}
                  focused={row.id === focus}
                  selected={selection && (selection.whole !== undefined || selection.ids.has(row.id))}
                  tone={props.rowTone?.(row) ?? ''}
                  below={props.expanded?.(row)}
                  onRow={onRow}
                />
              </div>
            )
          )
        })}
      </div>
    </div>
  )
}

/** Returns the rows to draw. Loads further pages before the user reaches the end, and scrolls the focused row into view. */
function useSeenRows<Row extends { id: string }>(
  { list: { rows, hasMore, more }, focus, still, bottomPadding = 0 }: DataListProps<Row>,
  scroller: RefObject<HTMLDivElement | null>,
  height: number,
) {
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
    scrollPaddingStart: 34,
    scrollPaddingEnd: 40 + bottomPadding,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: another height asks for measuring
  useEffect(() => virtual.measure(), [virtual, height])
  const last = virtual.getVirtualItems().at(-1)?.index ?? 0
  useEffect(() => {
    if (hasMore && last >= rows.length - 30) more()
  }, [hasMore, last, rows.length, more])
  // The focused row is scrolled into view, whether the list, a drawer or a link has set the focus.
  const at = rows.findIndex((row) => row.id === focus)
  const found = at >= 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows that come in above move nothing
  useEffect(() => {
    if (found && !still?.current) virtual.scrollToIndex(at)
    if (still) still.current = false
  }, [focus, found])
  return virtual
}

/**
 * Handles the keys j, k, up, down, x and Enter. Returns the click handler of the rows: a click focuses the row, then selects or opens it.
 */
function useRowKeys<Row extends { id: string }>(props: DataListProps<Row>) {
  const { selection, focus, onFocus, onOpen } = props
  const { rows } = props.list
  const anchor = useRef<string>(undefined)
  const at = rows.findIndex((row) => row.id === focus)
  const step = (by: number) => {
    const row = rows[at < 0 ? (by > 0 ? 0 : -1) : Math.min(rows.length - 1, Math.max(0, at + by))]
    if (row) onFocus(row.id)
  }
  const pick = (id: string, range: boolean) => {
    if (range && anchor.current !== undefined) selection?.range(anchor.current, id)
    else selection?.toggle(id)
    anchor.current = id
  }
  useKeys([
    { key: 'j', words: listWords.keyMove, run: () => step(1) },
    { key: 'k', run: () => step(-1) },
    { key: 'ArrowDown', run: () => step(1) },
    { key: 'ArrowUp', run: () => step(-1) },
    ...(selection
      ? [{ key: 'x', words: listWords.keySelect, run: () => focus !== undefined && pick(focus, false) }]
      : []),
    ...(onOpen ? [{ key: 'Enter', words: listWords.keyOpen, run: () => rows[at] && onOpen(rows[at]) }] : []),
  ])
  const latest = useRef({ pick, onFocus, onOpen })
  latest.current = { pick, onFocus, onOpen }
  return useCallback((event: MouseEvent<HTMLElement>, row: Row) => {
    if (!(event.target instanceof HTMLElement)) return
    latest.current.onFocus(row.id)
    if (event.target.closest('.cell-tick')) return latest.current.pick(row.id, event.shiftKey)
    if (event.target.closest('button,a,input,.expanded')) return
    if (getSelection()?.toString()) return
    latest.current.onOpen?.(row)
  }, [])
}

/** Returns the least width of the columns, below which the list scrolls sideways: "46px minmax(150px,164fr)" → 196. */
function leastWidth(template: string): number {
  return [...template.matchAll(/(\d+)px/g)].reduce((sum, found) => sum + Number(found[1]), 0)
}

type ListRowProps<Row extends { id: string }> = {
  row: Row
  index: number
  columns: readonly Column<Row>[]
  template: string
  compact: boolean
  focused: boolean
  selected: boolean | undefined
  tone: string
  below: ReactNode
  onRow: (event: MouseEvent<HTMLElement>, row: Row) => void
}

function PlainRow<Row extends { id: string }>(props: ListRowProps<Row>) {
  const { row, columns, selected, compact } = props
  const say = useSay()
  return (
    // Keys are handled by the grid: Enter and x act on the focused row.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <div
      id={`row-${row.id}`}
      role="row"
      aria-rowindex={props.index + 2}
      aria-selected={selected}
      tabIndex={-1}
      className={`list-row ${selected ? 'selected' : ''} ${props.focused ? 'focused' : ''} ${props.tone}`}
      onClick={(event) => props.onRow(event, row)}
    >
      <div className="cells" role="presentation" style={{ gridTemplateColumns: props.template }}>
        <div role="gridcell" className="cell-tick" tabIndex={-1}>
          {selected !== undefined && (
            <span role="checkbox" aria-checked={selected} aria-label={say(listWords.selectRow)} tabIndex={-1}>
              <Tick on={selected} />
            </span>
          )}
        </div>
        {columns.map((column) => (
          <div
            key={column.key}
            role="gridcell"
            className={column.align === 'right' ? 'cell right' : 'cell'}
            tabIndex={-1}
          >
            {column.cell(row, compact)}
          </div>
        ))}
      </div>
      {props.below && <div className="expanded">{props.below}</div>}
    </div>
  )
}

const ListRow = memo(PlainRow) as typeof PlainRow // memo forgets the type parameter

function Head<Row extends { id: string }>(
  props: DataListProps<Row> & { template: string; minWidth: number },
) {
  const { selection, list, sort = '', onSort } = props
  const say = useSay()
  const every =
    list.rows.length > 0 &&
    selection !== undefined &&
    (selection.whole !== undefined || list.rows.every((row) => selection.ids.has(row.id)))
  const some = selection !== undefined && selection.ids.size > 0
  return (
    <div
      className="list-head"
      tabIndex={-1}
      role="row"
      style={{ gridTemplateColumns: props.template, minWidth: props.minWidth }}
    >
      <div role="columnheader" tabIndex={-1} className="cell-tick">
        {selection && (
          <button
            type="button"
            role="checkbox"
            className="tick-button"
            aria-checked={every ? true : some ? 'mixed' : false}
            aria-label={say(listWords.selectLoaded)}
            onClick={() => selection.all(!every)}
          >
            <Tick on={every} some={some} />
          </button>
        )}
      </div>
      {props.columns.map((column) => {
        const direction =
          sort === column.sort ? 'ascending' : sort === `-${column.sort}` ? 'descending' : 'none'
        const className = `cell ${column.align ?? ''} ${direction === 'none' ? '' : 'sorted'}`
        if (column.sort === undefined || !onSort) {
          return (
            <div key={column.key} role="columnheader" tabIndex={-1} className={className}>
              {say(column.title)}
            </div>
          )
        }
        return (
          <div key={column.key} role="columnheader" tabIndex={-1} aria-sort={direction} className={className}>
            <button
              type="button"
              className="sort-button"
              onClick={() => onSort(direction === 'ascending' ? `-${column.sort}` : (column.sort ?? ''))}
            >
              <svg
                className={`arrows ${direction}`}
                width="8"
                height="14"
                viewBox="0 0 8 14"
                aria-hidden="true"
              >
                <path className="up" d="M4 .5 7.6 5.5H.4z" />
                <path className="down" d="M4 13.5 .4 8.5h7.2z" />
              </svg>
              {say(column.title)}
            </button>
          </div>
        )
      })}
    </div>
  )
}

/** Grey bars in place of rows that are being loaded, so that the layout stays stable. */
function Skeleton() {
  const say = useSay()
  return (
    <div className="skeleton" role="status" aria-label={say(listWords.loading)}>
      {Array.from({ length: 14 }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars without identity
        <i key={line} style={{ width: `${58 + ((line * 37) % 40)}%` }} />
      ))}
    </div>
  )
}
