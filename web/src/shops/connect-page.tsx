import { useNavigate } from '@tanstack/react-router'
import { PageHead } from '../ui/tabs.tsx'
import { useSay } from '../words.ts'
import { ConnectForm } from './connect-form.tsx'

/** 接入店铺: keys first; authorisation, verification and go-live follow on the shop's own page. */
export default function ConnectPage() {
  const say = useSay()
  const navigate = useNavigate()
  return (
    <div className="page">
      <PageHead title={say(['接入店铺', 'Connect a shop'])} />
      <div className="scroll body">
        <p className="t2">
          {say([
            '先在平台的开放平台建好应用，把它的密钥填在这里。新店铺从现在起接单，自动转单默认不开。',
            'Make an app on the platform first and enter its keys here. A new shop goes live from now on; converting by itself is off.',
          ])}
        </p>
        <ConnectForm onMade={({ shop }) => void navigate({ to: `/shops/${shop.id}` })} />
      </div>
    </div>
  )
}
