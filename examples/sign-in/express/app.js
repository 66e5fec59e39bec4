// An Express application whose sessions Longwave accepts.
//
// The browser sends the session cookie to Longwave, too, because both are on one host. Longwave passes it on to
// GET /longwave-session, and learns whose session it is, how long it lasts, and what it may read.

import { randomBytes } from "node:crypto";
import express from "express";
import session from "express-session";

const {
  PORT = "3000",
  SESSION_SECRET = randomBytes(32).toString("hex"), // with several processes, all need the same
  LONGWAVE_URL = "http://127.0.0.1:8080", // for browsers
  LONGWAVE_ADMIN_URL = "http://127.0.0.1:8090", // for this application alone
} = process.env;

const SESSION_MINUTES = 15;
const PASSWORDS = new Map([["alice", "wonderland"], ["bob", "builder"]]); // yours: a database of password hashes

const app = express();
app.use(session({
  secret: SESSION_SECRET,
  resave: false,
  saveUninitialized: false,
  rolling: true,
  cookie: {
    httpOnly: true,
    sameSite: "lax",
    secure: false, // true once the application and Longwave use HTTPS
    maxAge: SESSION_MINUTES * 60_000,
  },
}));
app.use(express.urlencoded());
app.use(express.static("public"));

app.post("/sign-in", (request, response, next) => {
  const { username, password } = request.body ?? {};
  if (typeof password !== "string" || PASSWORDS.get(username) !== password) {
    response.status(401).send("Wrong name or password.");
    return;
  }
  request.session.regenerate((error) => { // or a session ID from before could be somebody else's
    if (error) {
      next(error);
      return;
    }
    request.session.user = username;
    response.redirect(303, "/");
  });
});

app.post("/sign-out", (request, response, next) => {
  const user = request.session.user;
  request.session.destroy(async (error) => {
    if (error) {
      next(error);
      return;
    }
    if (user) {
      await endStreams(user);
    }
    response.redirect(303, "/");
  });
});

// The open streams of the session, which has ended already. Those of the user's other sessions reconnect.
async function endStreams(user) {
  const response = await fetch(`${LONGWAVE_ADMIN_URL}/admin/disconnect`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ subject: user }),
  });
  if (!response.ok) {
    throw new Error(`Longwave did not end the streams: ${response.status}`);
  }
}

// For Longwave. The browser could ask, too, and would learn about its own session only.
app.get("/longwave-session", (request, response) => {
  if (!request.session.user) {
    response.sendStatus(401);
    return;
  }
  response.json({
    subject: request.session.user,
    expiresIn: SESSION_MINUTES * 60, // being asked prolongs the session, like any request
    subscribe: ["users/{sub}/**", "news"],
  });
});

// For the page.
app.get("/me", (request, response) => {
  response.json({ name: request.session.user ?? null, longwave: LONGWAVE_URL });
});

app.listen(Number(PORT), "127.0.0.1", (error) => {
  if (error) {
    throw error;
  }
  console.log(`http://127.0.0.1:${PORT}`);
});
