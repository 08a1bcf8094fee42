import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useRef } from 'react'
import { post } from '../../api.ts'
import { useSay } from '../../words.ts'
import { Button, KeyCap } from '../base/button.tsx'
import { count } from '../base/figures.tsx'
import { withMod } from '../base/mod-key.ts'
import { span } from '../base/time.ts'
import { Fit } from '../list/fit.tsx'
import { listWords } from '../list/list-words.ts'
import { toastError } from '../overlay/toasts.tsx'
import { type Act, ActItem } from './acts.tsx'
import { type Batch, isOver, leftMs } from './batches.ts'
import './bulk-bar.css'

/** The bar above the foot: the running bulk action, and below it the actions for the selection. */
export function BulkBar(props: {
  batch: Batch | undefined
  onRefused: () => void
  onCloseBatch: () => void
  children?: ReactNode
}) {
  const { batch } = props
  const say = useSay()
  if (!batch && !props.children) return null
  return (
    <section className="bulk" aria-label={say(['批量操作', 'Bulk actions'])}>
      {batch && <BatchStrip batch={batch} onRefused={props.onRefused} onClose={props.onCloseBatch} />}
      {props.children && <div className="bulk-acts">{props.children}</div>}
    </section>
  )
}

function BatchStrip({
  batch,
  onRefused,
  onClose,
}: {
  batch: Batch
  onRefused: () => void
  onClose: () => void
}) {
  const say = useSay()
  const queries = useQueryClient()
  const over = isOver(batch)
  const left = leftMs(batch, Date.now())
  const told = useRef('')
  // A short bulk action may end before it is seen running, so its end is handled once for each bulk action.
  useEffect(() => {
    if (!over || told.current === batch.id) return
    told.current = batch.id
    void queries.invalidateQueries()
  }, [over, batch.id, queries])
  const stop = useMutation({
    mutationFn: () => post('/batches/:id/stop', {}, { id: batch.id }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['/batches'] }),
    onError: toastError,
  })
  return (
    <div className="bulk-strip">
      <span>
        {say(batch.actionName)} <span className="t3">{batch.no}</span>
      </span>
      <Progress done={batch.done} total={batch.total} label={say(batch.actionName)} />
      <span className="num">{`${count(batch.done)} / ${count(batch.total)}`}</span>
      <span className="num t2">{say(listWords.succeeded, { n: count(batch.succeeded) })}</span>
      {batch.refused > 0 && (
        <button type="button" className="link num" onClick={onRefused}>
          {say(listWords.refused, { n: count(batch.refused) })}
        </button>
      )}
      {batch.taken > 0 && <span className="num t2">{say(listWords.taken, { n: count(batch.taken) })}</span>}
      {left !== undefined && <span className="t3 num">{say(listWords.left, { span: span(left) })}</span>}
      {over ? (
        <button type="button" className="link" onClick={onClose}>
          {say(['收起', 'Close'])}
        </button>
      ) : (
        <button
          type="button"
          className="link"
          disabled={batch.state === 'stopping'}
          onClick={() => stop.mutate()}
        >
          {say(batch.state === 'stopping' ? ['正在停', 'Stopping'] : listWords.stop)}
        </button>
      )}
    </div>
  )
}

export function Progress({ done, total, label }: { done: number; total: number; label: string }) {
  const part = total === 0 ? 0 : Math.min(1, done / total)
  return (
    <span
      className="progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={done}
    >
      <i style={{ width: `${part * 100}%` }} />
    </span>
  )
}

export function SelectionActs(props: {
  selected: number
  whole: number | undefined
  matching: { count: number; capped: boolean } | undefined
  onWhole: () => void
  onClear: () => void
  children: ReactNode
}) {
  const say = useSay()
  const { selected, whole, matching } = props
  const all = matching && `${count(matching.count)}${matching.capped ? '+' : ''}`
  return (
    <>
      <b className="num">
        {whole === undefined
          ? say(listWords.selected, { n: count(selected) })
          : say(listWords.wholeSelected, { n: count(whole) })}
      </b>
      {whole === undefined && matching && matching.count > selected && (
        <button type="button" className="link num" aria-keyshortcuts="Control+A" onClick={props.onWhole}>
          {say(listWords.takeWhole, { n: all ?? '' })} <KeyCap>{withMod('A')}</KeyCap>
        </button>
      )}
      <i className="rule" />
      {props.children}
      <i className="rule" />
      <Button kind="quiet" letter="Esc" onClick={props.onClear}>
        {say(listWords.unselect)}
      </Button>
    </>
  )
}

/** The actions for the selection, the first one highlighted. Those without space are in the menu 更多. */
export function BulkButtons({ acts, busy }: { acts: readonly Act[]; busy: boolean }) {
  const say = useSay()
  return (
    <Fit
      items={acts}
      keyOf={(act) => act.name}
      item={(act) => (
        <Button
          action={act.name}
          kind={act === acts[0] ? 'primary' : 'plain'}
          letter={act.letter}
          why={act.why}
          busy={busy}
          onClick={act.run}
        >
          {say(act.words)}
        </Button>
      )}
      rest={(act, close) => <ActItem key={act.name} act={act} close={close} />}
    />
  )
}
