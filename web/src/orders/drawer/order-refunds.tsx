import { yuan } from '../../../../server/lib/money-text.ts'
import { refundStatusText } from '../../intake/events.ts'
import { refundTypeWords } from '../../intake/words.ts'
import { PageLink } from '../../ui/base/page-link.tsx'
import { Status, type Tone } from '../../ui/base/status.tsx'
import { useSay } from '../../words.ts'
import type { OrderDetail } from '../types.ts'

type Notice = OrderDetail['notices'][number]

/** The refunds of the order, each from its first download on, converted or not. */
export function OrderRefunds({ order }: { order: OrderDetail }) {
  const say = useSay()
  return order.notices.map((notice) => (
    <div key={`${notice.refundNo}/${notice.oid}`} style={{ display: 'contents' }}>
      <dt className="t3">{say(['退款', 'Refund'])}</dt>
      <dd>
        {notice.refundNo === '' ? (
          <span className="t3">{say(['退单还没下载到', 'Not downloaded yet'])}</span>
        ) : (
          <PageLink to="/staged-refunds" search={{ refundNos: notice.refundNo }}>
            {notice.refundNo}
          </PageLink>
        )}
        <div className="small">
          <Status tone={toneOf(notice)}>
            {refundStatusText(notice.status, say)} <span className="t3">¥{yuan(notice.amountFen)}</span>
          </Status>
        </div>
        <div className="t3 small">
          {say(refundTypeWords(notice.kind, notice.phase, order.status))}
          {notice.agreeing === 'asked' &&
            say(['，已同意，等平台结果', ', agreed; the platform has not answered'])}
          {notice.stops && say(['，挡住发货', ', stops the order'])}
        </div>
        {notice.waiver && (
          <div className="small">
            <Status tone="warn">
              {say(['{who} 放行', 'Let through by {who}'], { who: notice.waiver.by })}
            </Status>{' '}
            <span className="t2">{notice.waiver.reason}</span>
          </div>
        )}
      </dd>
    </div>
  ))
}

function toneOf({ status, stops }: Notice): Tone {
  if (stops || status === 'applied' || status === 'agreed') return 'warn'
  return status === 'succeeded' ? 'ok' : 'idle'
}
