import { Button } from '../ui/base/button.tsx'
import { useMe } from '../ui/base/session.ts'
import { clock } from '../ui/base/time.ts'
import { Dialog } from '../ui/overlay/overlay.tsx'
import { useSay } from '../words.ts'
import { dismiss, flush, useQueue } from './queue.ts'

/** The scans that the phone keeps, with what the server said about refused ones. */
export default function KeptScans({ onClose }: { onClose: () => void }) {
  const say = useSay()
  const me = useMe()
  const { scans } = useQueue()
  const title = say(['存在手机里的', 'Kept on this phone'])
  return (
    <Dialog title={title} label={title} onClose={onClose}>
      <div className="phone-kept">
        {scans.length === 0 && <p>{say(['都上传了', 'Everything was sent'])}</p>}
        {scans.map(({ id, takenAt, userId, userName, scan, refused }) => (
          <div key={id} className={refused ? 'bad' : undefined}>
            <b>{say(scan.label)}</b>
            <div className="t2">
              {`${clock(takenAt)} ${userName}`}
              {me &&
                me.id !== userId &&
                ` · ${say(['{name} 登录后上传', 'Sent once {name} signs in'], { name: userName })}`}
            </div>
            {refused && (
              <>
                <p>{say(refused)}</p>
                <Button onClick={() => void dismiss(id)}>
                  {say(['知道了，不再上传', 'Noted, do not send again'])}
                </Button>
              </>
            )}
          </div>
        ))}
        <Button size="large" onClick={() => void flush()}>
          {say(['现在上传', 'Send now'])}
        </Button>
      </div>
    </Dialog>
  )
}
