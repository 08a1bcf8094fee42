import { useEffect, useRef, useState } from 'react'
import { errorText, post } from '../../api.ts'
import type { FormProps } from '../../ui/act/actions.ts'
import { atOnce, outcomeWords } from '../../ui/act/carry-out.ts'
import { Button } from '../../ui/base/button.tsx'
import { shared } from '../../ui/base/words.ts'
import { Confirm, ReasonDialog } from '../../ui/overlay/confirm.tsx'
import { Dialog } from '../../ui/overlay/overlay.tsx'
import { toast } from '../../ui/overlay/toasts.tsx'
import { type LocalizedPair, type Say, useSay } from '../../words.ts'
import { lookingForClient, namesOfClients } from '../print-words.ts'
import { printerSetting } from '../printer-setting.ts'
import type { DeliveryRow } from '../types.ts'
import { begin, printClient, togetherSetting } from './print-runner.ts'

const titleWords: LocalizedPair = ['打印面单', 'Print labels']

type Refused = { code?: string | undefined; message?: { zh: string; en: string } | undefined }
type Asked = { ids: readonly string[] } | { filter: Record<string, unknown> }

/**
 * Makes the print job of these deliveries and leaves it to the strip of the page. It asks only where it must: over many rows that were not
 * selected, and for the reason of labels that are printed again.
 */
export function StartPrint({ rows, count, target, onClose }: FormProps<'/print-jobs', DeliveryRow>) {
  const say = useSay()
  const [again, setAgain] = useState<readonly string[]>()
  const { isLooking, isThere, giveUp } = useLooking(onClose)
  const begun = useRef(false)
  const asked: Asked = target && 'filter' in target ? target : { ids: rows.map(({ id }) => id) }
  const isMany = 'filter' in asked && count > atOnce
  const start = async (some: Asked, reason: string) => {
    try {
      // No job is made for nothing.
      if (!(await isThere())) return
      const { job, results, more } = await makeJob(some, reason)
      if (job !== null) begin(job, printerSetting.read())
      const not = results.filter(({ done }) => !done)
      await showRefused(
        not.filter(({ code }) => code !== 'printed_already'),
        say,
      )
      if (more)
        toast(
          'idle',
          say([
            '这次只打前 2,000 单，打完请再点一次打印',
            'Only the first 2,000 are printed now; print again for the rest',
          ]),
        )
      const printed = not.filter(({ code }) => code === 'printed_already').map(({ id }) => id)
      if (printed.length > 0) setAgain(printed)
      else onClose()
    } catch (error) {
      toast('bad', errorText(error))
      onClose()
    }
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: begins once, when it is opened
  useEffect(() => {
    if (begun.current || isMany) return
    begun.current = true
    void start(asked, '')
  }, [])
  if (isLooking) return <Looking onClose={giveUp} />
  if (again)
    return (
      <ReasonDialog
        title={[
          '{n} 张打过或在没打完的打印里，补打的原因',
          '{n} were printed or wait in a print job; why again?',
        ]}
        act={['补打 {n} 张', 'Print {n} again']}
        count={again.length}
        onSubmit={(reason) => {
          setAgain(undefined)
          void start({ ids: again }, reason)
        }}
        onClose={onClose}
      />
    )
  if (!isMany || begun.current) return null
  return (
    <AskMany
      count={count}
      onConfirm={() => {
        // A ref draws nothing: the button can be pressed again until the job is made.
        if (begun.current) return
        begun.current = true
        void start(asked, '')
      }}
      onClose={onClose}
    />
  )
}

function AskMany(props: { count: number; onConfirm: () => void; onClose: () => void }) {
  const say = useSay()
  const figures = { n: props.count }
  return (
    <Confirm
      title={say(titleWords)}
      act={say(['打印 {n} 张', 'Print {n}'], figures)}
      onConfirm={props.onConfirm}
      onClose={props.onClose}
    >
      <p>
        {say(
          [
            '筛选里的 {n} 单一张一张打，可以随时停。',
            '{n} labels one after another; they can be stopped at any time.',
          ],
          figures,
        )}
      </p>
    </Confirm>
  )
}

/** Looks for a print client. It says so while that lasts, and what to do if there is none; then, and when the clerk gives up, the act is over. */
function useLooking(onClose: () => void) {
  const say = useSay()
  const [isLooking, setIsLooking] = useState(false)
  const isGivenUp = useRef(false)
  const isThere = async (): Promise<boolean> => {
    // A client that runs answers at once, so nothing flashes up.
    const late = setTimeout(() => setIsLooking(true), 200)
    const client = await printClient().catch(() => undefined)
    clearTimeout(late)
    setIsLooking(false)
    if (isGivenUp.current) return false
    if (client === undefined) {
      toast('bad', noClient(say))
      onClose()
    }
    return client !== undefined
  }
  const giveUp = () => {
    isGivenUp.current = true
    onClose()
  }
  return { isLooking, isThere, giveUp }
}

function Looking({ onClose }: { onClose: () => void }) {
  const say = useSay()
  const title = say(titleWords)
  return (
    <Dialog
      title={title}
      label={title}
      onClose={onClose}
      foot={<Button onClick={onClose}>{say(shared.cancel)}</Button>}
    >
      <p role="status">{say(lookingForClient, { names: namesOfClients(say) })}</p>
    </Dialog>
  )
}

const noClient = (say: Say) =>
  say(
    [
      '没连上打印组件。打开这台电脑上的{names}打印组件再打。',
      'No print client answers. Start that of {names} on this computer, then print.',
    ],
    { names: namesOfClients(say) },
  )

async function makeJob(asked: Asked, reason: string) {
  const fields = { printer: printerSetting.read(), reason, together: togetherSetting.read() === 'yes' }
  if ('filter' in asked) return post('/print-jobs/whole', { filter: asked.filter, ...fields })
  return { ...(await post('/print-jobs', { ids: [...asked.ids], ...fields })), more: false }
}

async function showRefused(refused: readonly Refused[], say: Say): Promise<void> {
  const worded = await Promise.all(refused.map(async (one) => outcomeWords(one, say)))
  const reasons = [...Map.groupBy(worded, (why) => why)]
  if (reasons.length === 0) return
  const text = reasons.map(([why, some]) =>
    say(['{n} 单不能打：{why}', '{n} cannot be printed: {why}'], { n: some.length, why }),
  )
  toast('warn', text.join(' '))
}
