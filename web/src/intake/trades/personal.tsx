import { useAllowed } from '../../ui/base/session.ts'
import { shared } from '../../ui/base/words.ts'
import { useReveal } from '../../ui/form/reveal.tsx'
import { Tip } from '../../ui/overlay/tip.tsx'
import { useSay } from '../../words.ts'

/** Receiver and address, masked until the user reveals them. Each reveal writes an audit row. */
export function Personal(props: {
  path: '/orders/:id/reveal' | '/staged-trades/:id/reveal'
  id: string
  masked: string
  region: string
}) {
  const { path, id, masked, region } = props
  const say = useSay()
  const why = useAllowed()('personal.reveal')
  const { shown, reveal, dialog } = useReveal(path, id)
  return (
    <>
      <dt>{say(['收件人', 'Receiver'])}</dt>
      <dd className="wide row">
        <span className="cut">{shown ? [shown.name, shown.mobile || shown.phone].join(' ') : masked}</span>
        {!shown && (
          <Tip text={why ?? say(['会留下查看记录', 'Leaves a record'])}>
            <button
              type="button"
              className="link"
              aria-disabled={why !== undefined}
              onClick={() => why === undefined && reveal()}
            >
              {say(shared.show)}
            </button>
          </Tip>
        )}
      </dd>
      <dt>{say(['地址', 'Address'])}</dt>
      <dd className="wide">
        {shown
          ? [shown.province, shown.city, shown.district, shown.town, shown.address].filter(Boolean).join(' ')
          : `${region} ****`}
        {dialog}
      </dd>
    </>
  )
}
