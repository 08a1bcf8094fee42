import { escapeHtml } from '../core/http/small-page.ts'
import type { Language } from '../core/lists/declare-contract.ts'
import { yuan } from '../lib/money-text.ts'
import type { Measure } from './report-rules.ts'
import { cellOf, completeUpTo, measureName, type ReportTable } from './sheet.ts'

/** A mail shows at most this many rows; the link leads to the others. */
const rowsMost = 30

const words = {
  more: { zh: '其余见链接', en: 'The others are behind the link' },
  open: { zh: '在三易里打开', en: 'Open in Sanyi' },
  stop: { zh: '退订', en: 'Unsubscribe' },
}

type Place = { language: Language; links: Record<'open' | 'stop', string> }

/** The table as text, and as HTML with the same figures. */
export function mailBody(title: string, table: ReportTable, place: Place): Record<'text' | 'html', string> {
  const shown = shownOf(table, place.language)
  return { text: textOf(title, shown, place), html: htmlOf(title, shown, place) }
}

type Shown = { lines: string[][]; more: string; at: string }

/** The heads and then the rows, each with its name first, as words and figures. */
function shownOf({ periods, measure, rows, at }: ReportTable, language: Language): Shown {
  const total = rows.at(-1)
  const some = rows.length > rowsMost + 1 ? [...rows.slice(0, rowsMost), ...(total ? [total] : [])] : rows
  const heads = periods.length > 2 ? periods : periods.slice(-1)
  return {
    lines: [
      [measureName(measure, language), ...heads],
      ...some.map(({ name, values }) => [
        name,
        ...values.slice(-heads.length).map((value) => figure(measure, value)),
      ]),
    ],
    more: some.length < rows.length ? words.more[language] : '',
    at: completeUpTo(at, language),
  }
}

/** A row is a line. */
function textOf(title: string, { lines, more, at }: Shown, { language, links }: Place): string {
  return [
    ...[title, '', ...lines.map((line) => line.join('\t')), ...(more === '' ? [] : [more]), '', at],
    ...[`${words.open[language]}: ${links.open}`, `${words.stop[language]}: ${links.stop}`],
  ].join('\n')
}

// Mail programs drop style sheets, so the few styles are at their elements.
function htmlOf(title: string, { lines, more, at }: Shown, { language, links }: Place): string {
  const cells = (kind: 'td' | 'th', [name = '', ...figures]: string[]) =>
    [
      `<${kind} align="left">${escapeHtml(name)}</${kind}>`,
      ...figures.map((one) => `<${kind} align="right">${escapeHtml(one)}</${kind}>`),
    ].join('')
  const [heads = [], ...rows] = lines
  const link = (to: string, text: string) => `<a href="${escapeHtml(to)}">${text}</a>`
  return [
    `<!doctype html><html lang="${language === 'zh' ? 'zh-CN' : 'en'}"><meta charset="utf-8"><body style="font:14px sans-serif">`,
    `<p><b>${escapeHtml(title)}</b></p>`,
    '<table border="1" cellpadding="5" style="border-collapse:collapse">',
    `<tr>${cells('th', heads)}</tr>`,
    ...rows.map((row) => `<tr>${cells('td', row)}</tr>`),
    '</table>',
    ...(more === '' ? [] : [`<p>${more}</p>`]),
    `<p>${escapeHtml(at)}</p>`,
    `<p>${link(links.open, words.open[language])} · ${link(links.stop, words.stop[language])}</p>`,
    '</body></html>',
  ].join('\n')
}

function figure(measure: Measure, value: number | null): string {
  const cell = cellOf(measure, value)
  if (cell === null) return '–'
  return typeof cell === 'object' ? yuan(cell.fen) : String(cell)
}
