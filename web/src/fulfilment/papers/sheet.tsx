import { useEffect } from 'react'
import { createPortal } from 'react-dom'
import { quiet } from './layout/code128.ts'
import type { PaperItem } from './layout/items.ts'
import type { Paper } from './layout/layout.ts'
import { mmOfPt } from './layout/measure.ts'
import { qrQuiet } from './layout/qr.ts'
import './sheet.css'

type SheetProps = {
  paper: Paper
  page: number
  label: string
  className?: string
  children?: React.ReactNode
}

/** One sheet of a paper at its true size; `className` may show it larger or smaller. */
export function Sheet({ paper, page, label, className = 'paper-sheet', children }: SheetProps) {
  const { widthMm, heightMm } = paper
  return (
    <svg
      className={className}
      role="img"
      aria-label={label}
      width={`${widthMm}mm`}
      height={`${heightMm}mm`}
      viewBox={`0 0 ${widthMm} ${heightMm}`}
    >
      {children}
      {paper.sheets[page]?.map((item, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: items have no other name, and keep no state
        <Item key={at} item={item} />
      ))}
    </svg>
  )
}

function Item({ item }: { item: PaperItem }) {
  const { x, y, w, h } = item
  switch (item.kind) {
    case 'text':
      return (
        <text
          x={item.align === 'right' ? x + w : x}
          y={y + h * 0.76}
          textAnchor={item.align === 'right' ? 'end' : 'start'}
          fontSize={item.pt * mmOfPt}
          fontWeight={item.bold ? 700 : 400}
        >
          {item.text}
        </text>
      )
    case 'bar':
      return <rect x={x} y={y} width={w} height={h} />
    case 'box':
      return <rect x={x} y={y} width={w} height={h} fill="none" stroke="currentColor" strokeWidth={0.2} />
    case 'code':
      return <path d={barsOf(item)} shapeRendering="crispEdges" />
    case 'qr':
      return <path d={squaresOf(item)} shapeRendering="crispEdges" />
    case 'picture':
      return <image href={item.url} x={x} y={y} width={w} height={h} preserveAspectRatio="xMidYMid meet" />
  }
}

function barsOf({ x, y, w, h, modules }: Extract<PaperItem, { kind: 'code' }>): string {
  const module = w / (modules.reduce((sum, width) => sum + width, 0) + 2 * quiet)
  let at = x + quiet * module
  return modules
    .map((width, index) => {
      const from = at
      at += width * module
      return index % 2 === 0 ? `M${from.toFixed(3)} ${y}H${at.toFixed(3)}V${y + h}H${from.toFixed(3)}Z` : ''
    })
    .join('')
}

function squaresOf({ x, y, w, rows }: Extract<PaperItem, { kind: 'qr' }>): string {
  const module = w / (rows.length + 2 * qrQuiet)
  const at = (from: number, n: number) => (from + (n + qrQuiet) * module).toFixed(3)
  return rows
    .flatMap((row, down) =>
      row.map((black, right) =>
        black
          ? `M${at(x, right)} ${at(y, down)}H${at(x, right + 1)}V${at(y, down + 1)}H${at(x, right)}Z`
          : '',
      ),
    )
    .join('')
}

/** The sheets of all papers, in the order in which they come out of the printer. */
export const sheetsOf = (papers: readonly Paper[]) =>
  papers.flatMap((paper, at) => paper.sheets.map((_, page) => ({ key: `${at}/${page}`, paper, page })))

const sizeName = ({ widthMm, heightMm }: Paper) => `paper-${widthMm}x${heightMm}`

/**
 * Prints papers with the browser's own dialog: each sheet is a page of exactly its size. The sheets are in the document only until the
 * dialog is closed. `onDone` is called then.
 */
export function PrintSheets({ papers, onDone }: { papers: readonly Paper[]; onDone: () => void }) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: printed once, when it is mounted
  useEffect(() => {
    const rules = [...new Map(papers.map((paper) => [sizeName(paper), paper])).values()].map(
      (paper) =>
        `@page ${sizeName(paper)} { size: ${paper.widthMm}mm ${paper.heightMm}mm; margin: 0 } .${sizeName(paper)} { page: ${sizeName(paper)} }`,
    )
    const sizes = new CSSStyleSheet()
    sizes.replaceSync(rules.join('\n'))
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sizes]
    addEventListener('afterprint', onDone)
    // The sheets must be laid out before the browser takes its picture of the page.
    const frame = requestAnimationFrame(() => window.print())
    return () => {
      cancelAnimationFrame(frame)
      removeEventListener('afterprint', onDone)
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sizes)
    }
  }, [])
  return createPortal(
    <div className="print-root">
      {sheetsOf(papers).map(({ key, paper, page }) => (
        <div key={key} className={`print-sheet ${sizeName(paper)}`}>
          <Sheet paper={paper} page={page} label="" className="print-picture" />
        </div>
      ))}
    </div>,
    document.body,
  )
}
