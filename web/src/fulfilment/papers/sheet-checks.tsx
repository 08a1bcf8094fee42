import { fieldWords, leastPt, type PaperTemplate } from '../../../../server/fulfilment/papers/paper-rules.ts'
import { Button } from '../../ui/base/button.tsx'
import { Status, type Tone } from '../../ui/base/status.tsx'
import { useSay } from '../../words.ts'
import type { Paper } from './layout/layout.ts'

/** The checks below the sheet: sizes, rows, cut texts. */
export function SheetChecks(props: {
  template: PaperTemplate
  paper: Paper
  onChange: (template: PaperTemplate) => void
}) {
  const say = useSay()
  const { template, paper } = props
  const { checks, sheets } = paper
  const names = (keys: Paper['checks']['cut']) =>
    keys.map((key) => say(fieldWords[key])).join(say(['、', ', ']))
  const line = (tone: Tone, text: string, more?: React.ReactNode) => (
    <li key={text}>
      <Status tone={tone}>{text}</Status> {more}
    </li>
  )
  const isPaged = template.options.overflow === 'pages'
  return (
    <ul className="paper-checks" aria-label={say(['检查', 'Checks'])}>
      {checks.leastPt > 0 &&
        line(
          checks.leastPt >= leastPt ? 'ok' : 'bad',
          checks.leastPt >= leastPt
            ? say(['最小字 {n} pt，203 dpi 热敏机看得清', 'Smallest text {n} pt: readable at 203 dpi'], {
                n: checks.leastPt,
              })
            : say(
                [
                  '最小字 {n} pt，热敏机至少要 {least} pt',
                  'Smallest text {n} pt: a thermal printer needs {least}',
                ],
                {
                  n: checks.leastPt,
                  least: leastPt,
                },
              ),
        )}
      {checks.rows > 0 &&
        line(
          checks.leftOut > 0 ? 'warn' : 'ok',
          checks.leftOut > 0
            ? say(['{n} 行放不下，第一张最多 {fit} 行', '{n} rows are left out; the sheet takes {fit}'], {
                n: checks.leftOut,
                fit: checks.rowsFit,
              })
            : say(['{rows} 行 {pages} 张放得下', '{rows} rows on {pages} {pages|sheet|sheets}'], {
                rows: checks.rows,
                pages: sheets.length,
              }),
          checks.leftOut > 0 && !isPaged && (
            <Button
              kind="quiet"
              size="small"
              onClick={() =>
                props.onChange({ ...template, options: { ...template.options, overflow: 'pages' } })
              }
            >
              {say(['改成续页', 'Continue on another sheet'])}
            </Button>
          ),
        )}
      {checks.cut.length > 0 &&
        line('warn', say(['截断了：{fields}', 'Cut: {fields}'], { fields: names(checks.cut) }))}
      {checks.lost.length > 0 &&
        line('bad', say(['纸上放不下：{fields}', 'No room for: {fields}'], { fields: names(checks.lost) }))}
      {checks.over.length > 0 &&
        line(
          'warn',
          say(['叠在一起：{fields}', 'Over each other: {fields}'], { fields: names(checks.over) }),
        )}
      {checks.badCode &&
        line(
          'bad',
          say([
            '条码太密或有汉字，扫不出来',
            'The barcode is too dense, or has characters that it cannot have',
          ]),
        )}
    </ul>
  )
}
