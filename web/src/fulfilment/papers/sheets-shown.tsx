import { Note } from '../../ui/base/empty.tsx'
import { useSay } from '../../words.ts'
import type { Paper } from './layout/layout.ts'
import { Sheet, sheetsOf } from './sheet.tsx'
import './papers.css'

/** Sheets that a dialog shows; all are printed. */
const mostShown = 6

/** The first sheets of papers that are about to be printed, and whether something finds no room on them. */
export function SheetsShown({ papers }: { papers: readonly Paper[] }) {
  const say = useSay()
  const sheets = sheetsOf(papers)
  return (
    <>
      {papers.some(({ checks }) => checks.lost.length > 0 || checks.badCode) && (
        <Note tone="warn">
          {say([
            '有内容放不下，或条码太密。到打印模板里调小，或换大一点的纸。',
            'Something finds no room, or a barcode is too dense. Mend the template, or take larger paper.',
          ])}
        </Note>
      )}
      <div className="paper-strip">
        {sheets.slice(0, mostShown).map(({ key, paper, page }, at) => (
          <Sheet
            key={key}
            paper={paper}
            page={page}
            label={say(['第 {n} 张', 'Sheet {n}'], { n: at + 1 })}
            className="paper-sheet small-sheet"
          />
        ))}
      </div>
      {sheets.length > mostShown && (
        <p className="t3 small">{say(['还有 {n} 张', '{n} more'], { n: sheets.length - mostShown })}</p>
      )}
    </>
  )
}
