// Where the phone is, asked once at a press of the button.

import type { Point } from "./view.ts";

export interface Position {
  readonly point: Point;
  readonly accuracy: number;
}

export type LocateFault = "ui-locate-denied" | "ui-locate-failed";

export function locate(): Promise<Position | LocateFault> {
  if (!("geolocation" in navigator)) return Promise.resolve("ui-locate-failed");
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ point: [coords.longitude, coords.latitude], accuracy: coords.accuracy }),
      (fault) => resolve(fault.code === fault.PERMISSION_DENIED ? "ui-locate-denied" : "ui-locate-failed"),
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 10_000 },
    );
  });
}
