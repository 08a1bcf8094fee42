import { discrepancies, wrongInStockRemedy } from '../../../server/returns/lifecycle.ts'
import { receivingVerbs } from '../../../server/returns/verbs-contract.ts'
import { actionsOn, useActions } from '../ui/act/actions.ts'
import { Button } from '../ui/base/button.tsx'
import { Note } from '../ui/base/empty.tsx'
import { ListDialogs } from '../ui/list/list-dialogs.tsx'
import { ReasonDialog } from '../ui/overlay/confirm.tsx'
import { Section } from '../ui/overlay/drawer.tsx'
import { useSay } from '../words.ts'
import type { ReturnDetail } from './types.ts'

const settle = actionsOn<{ id: string }>()(receivingVerbs.resolveDiscrepancy, {
  input: ({ count, onSubmit, onClose }) => (
    <ReasonDialog
      title={['怎么处理的', 'How it was settled']}
      act={['了结', 'Settle']}
      count={count}
      onSubmit={(note) => onSubmit({ note })}
      onClose={onClose}
    />
  ),
})

/** The discrepancies of a return, each with the remedy or how it was resolved. */
export function ReturnProblems({ detail }: { detail: ReturnDetail }) {
  const say = useSay()
  const actions = useActions<{ id: string }>(() => undefined)
  const { problems } = detail
  if (problems.length === 0) return null
  const nameOf = (lineNo: number) =>
    detail.return.lines.find((line) => line.lineNo === lineNo)?.title ?? String(lineNo)
  return (
    <Section title={say(['问题', 'Problems'])}>
      {problems.map((problem) => {
        const words = discrepancies[problem.kind]
        const what =
          problem.kind === 'short' ? nameOf(problem.lineNo) : problem.kind === 'wrong' ? problem.skuCode : ''
        const pieces = problem.quantity > 0 ? say(['{n} 件', '{n} {n|pc|pcs}'], { n: problem.quantity }) : ''
        return (
          <Note
            key={problem.id}
            tone={problem.settledAt === null ? 'bad' : 'ok'}
            action={
              problem.settledAt === null && (
                <Button
                  size="small"
                  why={actions.allowed('returns.receive')}
                  onClick={() => actions.start(settle, [problem])}
                >
                  {say(settle.words)}
                </Button>
              )
            }
          >
            <b>{say(words)}</b> {[what, pieces, problem.note].filter(Boolean).join(' · ')}
            <div className="t2 small">
              {problem.settledAt === null
                ? say(problem.inStock ? wrongInStockRemedy : words.remedy)
                : `${problem.settledBy ?? ''} ${problem.settledNote}`}
            </div>
          </Note>
        )
      })}
      <ListDialogs actions={actions} batch={undefined} rows={problems} nameOf={() => detail.return.no} />
    </Section>
  )
}
