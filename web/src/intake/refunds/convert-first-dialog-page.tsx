import { useMutation, useQueryClient } from '@tanstack/react-query'
import { errorText, get, type Outcome, post } from '../../api.ts'
import { outcomeText, remedyText } from '../../ui/act/batch-words.ts'
import { Note } from '../../ui/base/empty.tsx'
import { useAllowed } from '../../ui/base/session.ts'
import { FormDialog } from '../../ui/overlay/form-dialog.tsx'
import { toast } from '../../ui/overlay/toasts.tsx'
import { type LocalizedPair, type Say, useSay } from '../../words.ts'
import type { RefundDetail } from '../types.ts'

type Step = {
  what: LocalizedPair
  act: LocalizedPair
  permission: string
  go: () => Promise<readonly Outcome[]>
}

/** Returns the step that must come before an extra refund, with its button. An extra refund needs a sales order. */
function stepOf({ original, shopId, tid }: RefundDetail): Step {
  const fetched = {
    permission: 'trades.download',
    go: async () => {
      await post('/staged-trades/download', { shopId, tids: [tid] })
      return []
    },
  }
  if (!original)
    return {
      ...fetched,
      what: [
        '还没有这笔交易。先下载它，再转单。',
        'The trade is not here yet. Download it first, then convert it.',
      ],
      act: ['下载这笔交易', 'Download the trade'],
    }
  if (original.state === 'fetching')
    return {
      ...fetched,
      what: [
        '交易的明细还没到。到了才能转单。',
        'The detail of the trade is not here yet; it converts once it is.',
      ],
      act: ['马上取明细', 'Fetch it now'],
    }
  const ids = [original.tradeId]
  if (original.state === 'processed')
    return {
      what: [
        '交易标为已处理，不再转单。先撤销已处理，再转单。',
        'The trade is marked processed and does not convert. Undo that first, then convert it.',
      ],
      act: ['撤销已处理', 'Undo processed'],
      permission: 'trades.process',
      go: async () => (await post('/staged-trades/unprocess', { ids })).results,
    }
  return {
    what: [
      '交易未转为销售订单。先转单，再登记。',
      'The trade is no sales order yet. Convert it first, then book.',
    ],
    act: ['转销售单', 'Convert it'],
    permission: 'trades.convert',
    go: async () => (await post('/staged-trades/convert', { ids })).results,
  }
}

export default function ConvertFirstDialog(props: {
  refund: RefundDetail
  onConverted: (orderId: string) => void
  onClose: () => void
}) {
  const { refund, onConverted, onClose } = props
  const say = useSay()
  const queries = useQueryClient()
  const step = stepOf(refund)
  const go = useMutation({
    mutationFn: step.go,
    onSuccess: async (results) => {
      if (results.some((each) => !each.done)) return
      const now = await get('/staged-refunds/:id', { id: refund.id })
      await queries.invalidateQueries()
      if (now.original?.orderId) return onConverted(now.original.orderId)
      toast('move', say(['正在处理，完成后再按「部分退款」', 'Under way. Press it again once that is done']))
      onClose()
    },
  })
  const refused = go.data?.flatMap((each) => (each.done ? [] : [each]))[0]
  return (
    <FormDialog
      title={say(['先转单，再部分退款', 'Convert first, then refund in part'])}
      act={say(step.act)}
      busy={go.isPending}
      why={useAllowed()(step.permission)}
      ready
      onSubmit={() => go.mutate()}
      onClose={onClose}
    >
      <p>{say(step.what)}</p>
      <p className="t2">
        {say([
          '额外退款记在销售订单上：只记钱，不动商品，也不调用平台。',
          'An extra refund belongs to the sales order: money only, no goods and no platform call.',
        ])}
      </p>
      {go.error && <Note tone="bad">{errorText(go.error)}</Note>}
      {refused && <Note tone="warn">{refusal(refused, say)}</Note>}
    </FormDialog>
  )
}

function refusal(outcome: Outcome & { done: false }, say: Say): string {
  return [outcomeText(outcome, say), remedyText(outcome.code, say)].filter(Boolean).join(say(['。', '. ']))
}
