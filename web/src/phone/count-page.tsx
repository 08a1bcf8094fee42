import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { errorText, get } from '../api.ts'
import type { Answer } from '../api-routes.ts'
import { Button } from '../ui/base/button.tsx'
import { LoadError } from '../ui/base/empty.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import { type CountLine, isGoods, isOwnFirst, openLines, withCounted } from './count-state.ts'
import { Icon } from './icons.tsx'
import { keptQuery } from './kept-query.ts'
import { submit, usePhoneUser, useQueue, waitingScans } from './queue.ts'
import { Phone } from './shell.tsx'
import { typedCount } from './stepper.tsx'
import { keep } from './store.ts'
import { useDraft, usePresses } from './use-in-turn.ts'
import { type News, useNews } from './use-news.ts'

type Detail = Answer<'GET', '/count-tasks/:id'>
const countKey = (taskId: string) => ['/count-tasks', 'one', taskId]
type Verdict = Answer<'POST', '/count-tasks/:id/count'>['verdict']

/** Blind counting: a bin, the goods, a number. Neither the books nor earlier counts are shown. */
export default function CountPage() {
  const { taskId = '' } = useParams({ strict: false })
  const say = useSay()
  const { id: userId } = usePhoneUser()
  const teller = useNews()
  useQueue()
  const found = useQuery(keptQuery(countKey(taskId), () => get('/count-tasks/:id', { id: taskId })))
  const doing = useCounting(taskId, userId, teller)
  const { lines, kept, line, pieces } = doing.now()
  const total = found.data?.lines.length ?? 0
  const isFree = line && (!isOwnFirst(line, userId) || doing.isAlone)
  return (
    <Phone
      title={found.data?.task.no ?? say(['盘点', 'Count'])}
      sub={say(['盲盘，不显示账面数', 'Blind count: book quantities are hidden'])}
      back="/phone/count"
      aside={<b>{say(['还有 {n} 处', '{n} left'], { n: lines.length })}</b>}
      progress={{ done: total - lines.length, of: Math.max(1, total) }}
      teller={teller}
      scanning={
        line && isFree
          ? {
              hint: say(['扫商品加一，或输数量', 'Scan goods, or type a number']),
              onScan: doing.scan,
              onEmpty: doing.confirm,
            }
          : undefined
      }
      acts={
        line &&
        isFree && (
          <>
            <Button size="large" action="none" busy={doing.isBusy} onClick={() => doing.putNone(line)}>
              {say(['空位', 'Empty'])}
            </Button>
            <Button
              size="large"
              kind="primary"
              action="confirm"
              why={pieces === undefined ? say(['先数', 'Count first']) : undefined}
              onClick={doing.confirm}
            >
              {pieces === undefined
                ? say(['数到几件？', 'How many?'])
                : say(['就是 {n}，下一种', 'It is {n}; next'], { n: pieces })}
            </Button>
          </>
        )
      }
    >
      {found.error && <LoadError error={found.error} onRetry={() => void found.refetch()} />}
      {line && <Place line={line} pieces={pieces} />}
      {line && isFree && <Keypad onKey={doing.type} />}
      {line && !isFree && (
        <div className="phone-choice" role="alert">
          <p>
            {say([
              '和账上对不上。第一遍是你数的，请别人数第二遍。',
              'It differs from the books. You counted it first; somebody else should count it again.',
            ])}
          </p>
          <Button size="large" action="alone" onClick={doing.goAlone}>
            {say(['没有别人，我再数', 'Nobody else is here; I count again'])}
          </Button>
        </div>
      )}
      {found.data && !line && <Ended detail={found.data} kept={kept.length} />}
    </Phone>
  )
}

const verdictWords: Record<Verdict, { tone: News['tone']; words: LocalizedPair }> = {
  part: { tone: 'ok', words: ['收下了，还有另一处要数', 'Noted; it is at another place as well'] },
  matches: { tone: 'done', words: ['对得上', 'No difference'] },
  recount: { tone: 'warn', words: ['和账上对不上，要数第二遍', 'It differs from the books: count it again'] },
  settled: { tone: 'done', words: ['第二遍收下了', 'The second count is taken'] },
  moved: { tone: 'warn', words: ['数的时候货动过，再数一遍', 'Goods moved meanwhile: count it again'] },
}

type Entered = { chosen?: number | undefined; of?: string | undefined; pieces?: number | undefined }
const nameOf = ({ lineNo, round }: CountLine) => `${lineNo}/${round}`

/** The scans and keys of a count. Each reads the newest state, since a scanner may be faster than the page is drawn. */
function useCounting(taskId: string, userId: string, teller: ReturnType<typeof useNews>) {
  const say = useSay()
  const queries = useQueryClient()
  const draft = useDraft<Entered>({})
  const [isAlone, setAlone] = useState(false)
  const now = () => {
    const detail = queries.getQueryData<Detail>(countKey(taskId))
    const kept = waitingScans('count').filter((one) => one.taskId === taskId)
    const lines = detail ? openLines(detail.lines, kept, userId) : []
    const { chosen, of, pieces } = draft.read()
    const line = lines.find(({ lineNo }) => lineNo === chosen) ?? lines[0]
    return { lines, kept, line, pieces: line && of === nameOf(line) ? pieces : undefined }
  }
  const { inTurn, press, isBusy } = usePresses()
  const enter = (pieces: number) => {
    const { line } = now()
    if (line) draft.set({ chosen: line.lineNo, of: nameOf(line), pieces: Math.min(pieces, 1_000_000) })
  }
  const send = async (line: CountLine, quantity: number) => {
    const { lineNo, round, bin, code } = line
    const label = [`盘点 ${bin} ${code}：${quantity}`, `Count ${bin} ${code}: ${quantity}`] as const
    const alone = isOwnFirst(line, userId) ? { alone: true } : {}
    // Before the answer, because meanwhile the next place is drawn and its digits are typed.
    draft.set({})
    const result = await submit({ kind: 'count', label, taskId, lineNo, round, quantity, ...alone })
    if (result.state === 'kept')
      return teller.tell({ tone: 'kept', text: say(['存在手机里', 'Kept on the phone']), hint: say(label) })
    if (result.state === 'refused') teller.tell({ tone: 'wrong', text: errorText(result.error) })
    else {
      const { tone, words } = verdictWords[result.answer.verdict]
      teller.tell({ tone, text: say(words), hint: code })
      const before = queries.getQueryData<Detail>(countKey(taskId))
      const after = before && { ...before, lines: withCounted(before.lines, line) }
      queries.setQueryData(countKey(taskId), after)
      await keep(countKey(taskId).join(' '), after).catch(() => undefined)
    }
    await queries.invalidateQueries({ queryKey: ['/count-tasks'] })
  }
  const scanned = (code: string): void => {
    const { line, lines, pieces = 0 } = now()
    if (!line) return
    const other = lines.find(({ bin }) => bin !== '' && bin === code.toUpperCase())
    const number = typedCount(code)
    if (isGoods(line, code)) {
      enter(pieces + 1)
      teller.tell({ tone: 'ok', text: say(['数到 {n}', '{n} so far'], { n: pieces + 1 }) })
    } else if (other) {
      if (other.bin !== line.bin) draft.set({ chosen: other.lineNo })
      teller.tell({ tone: 'ok', text: say(['库位对', 'The right bin']) })
    } else if (number !== undefined) enter(number)
    else {
      const wrong = { is: code, wanted: line.code }
      teller.tell({
        tone: 'wrong',
        text: say(['不对，这是 {is}，要数 {wanted}', 'Wrong: this is {is}, count {wanted}'], wrong),
      })
    }
  }
  return {
    ...{ now, isAlone, goAlone: () => setAlone(true) },
    scan: (code: string) => inTurn(async () => scanned(code)),
    isBusy,
    putNone: (line: CountLine) =>
      press(async () => {
        if (now().lines.some((each) => nameOf(each) === nameOf(line))) await send(line, 0)
      }),
    confirm: () =>
      inTurn(async () => {
        const { line, pieces } = now()
        if (line && pieces !== undefined) await send(line, pieces)
      }),
    type: (key: number | 'back') => {
      const { pieces = 0 } = now()
      enter(key === 'back' ? Math.floor(pieces / 10) : pieces * 10 + key)
    },
  }
}

function Place({ line, pieces }: { line: CountLine; pieces: number | undefined }) {
  const say = useSay()
  return (
    <section className="phone-card">
      <div className="phone-bin num">{line.bin || say(['无库位', 'No bin'])}</div>
      <div className="phone-goods">
        {line.pictureUrl !== '' && <img src={line.pictureUrl} alt="" className="small" />}
        <div className="grow">
          <b className="phone-name">{line.name}</b>
          <div className="t2">{[line.spec, line.code].filter(Boolean).join(' · ')}</div>
        </div>
        <div className="phone-count">
          <span className="t2">{say(['数到', 'Counted'])}</span>
          <b className="num">{pieces ?? '–'}</b>
        </div>
      </div>
      {line.places > 1 && (
        <div className="t2">
          {say(['这种货放在 {n} 处，都要数', 'It is kept at {n} places: count all of them'], {
            n: line.places,
          })}
        </div>
      )}
      {line.round === 2 && (
        <p className="phone-second">
          <b>{say(['第 2 遍', 'Second count'])}</b>{' '}
          {say(
            ['和账上对不上，再数一遍。第一遍：{name}', 'It differs from the books. First counted by {name}'],
            {
              name: line.firstBy ?? '',
            },
          )}
        </p>
      )}
    </section>
  )
}

const digits = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0] as const

function Keypad({ onKey }: { onKey: (key: number | 'back') => void }) {
  const say = useSay()
  return (
    <div className="phone-keypad">
      {digits.map((digit) => (
        <button key={digit} type="button" onClick={() => onKey(digit)}>
          {digit}
        </button>
      ))}
      <button type="button" aria-label={say(['退一位', 'Delete a digit'])} onClick={() => onKey('back')}>
        <Icon name="erase" />
      </button>
    </div>
  )
}

function Ended({ detail: { task }, kept }: { detail: Detail; kept: number }) {
  const say = useSay()
  const text = (): string => {
    if (kept > 0) return say(['数完了，{n} 条待上传', 'All counted; {n} to be sent'], { n: kept })
    if (task.documentNo !== null)
      return say(
        [
          '盘完了。差异成盘点单 {no}，待审核',
          'Done. The differences are stock-take {no}, which waits for approval',
        ],
        {
          no: task.documentNo,
        },
      )
    if (task.status === 'cancelled') return say(['没数就结束了', 'Ended without a count'])
    return say(['盘完了，没有差异', 'Done, without a difference'])
  }
  return (
    <section className="phone-card">
      <h2>{text()}</h2>
    </section>
  )
}
