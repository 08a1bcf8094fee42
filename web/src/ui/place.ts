import { type CSSProperties, type RefObject, useMemo } from 'react'
import { useOverlayPosition } from 'react-aria/useOverlayPosition'

type Wish = {
  placement: 'bottom left' | 'bottom right' | 'right top' | 'top left'
  offset: number
  maxHeight?: number
}

/** Where something stands at its anchor: on the side that is wished for, or on the other where that has no room. */
export function usePlace(
  anchor: HTMLElement | null,
  overlayRef: RefObject<HTMLElement | null>,
  wish: Wish,
): CSSProperties {
  const targetRef = useMemo(() => ({ current: anchor }), [anchor])
  const { overlayProps } = useOverlayPosition({
    ...wish,
    targetRef,
    overlayRef,
    containerPadding: 8,
    isOpen: true,
  })
  // Which stands above which is our sheets' to say.
  return { ...overlayProps.style, zIndex: undefined }
}
