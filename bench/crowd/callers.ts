/** What those say who take the service's time and memory and give it nothing to do. */

export const keptAlive = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

/** @param sent of so many bytes */
export const unfinished = (sent: number, bytes: number): string =>
  `POST /queues/large/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${bytes}\r\n\r\n{"payload":"${"x".repeat(sent)}`;
