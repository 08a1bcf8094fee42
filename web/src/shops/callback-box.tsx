import { useQuery } from '@tanstack/react-query'
import { connectorsQuery } from '../ui/base/session.ts'
import { CopyBox } from '../users/copy-box.tsx'
import { useSay } from '../words.ts'

/** The callback address, to be copied into the settings of the app on the platform. */
export function CallbackBox() {
  const say = useSay()
  const callbackUrl = useQuery(connectorsQuery).data?.callbackUrl
  return callbackUrl ? <CopyBox text={callbackUrl} label={say(['回调地址', 'Callback address'])} /> : null
}
