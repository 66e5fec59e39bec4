# A Rails application whose sessions Longwave accepts. To be read at once, it is one file.
#
# The browser sends the session cookie to Longwave, too, because both are on one host. Longwave passes it on to
# GET /longwave-session, and learns whose session it is, how long it lasts, and what it may read.

require "active_support/all"
require "action_controller/railtie"
require "net/http"

LONGWAVE_URL = ENV.fetch("LONGWAVE_URL", "http://127.0.0.1:8080") # for browsers
LONGWAVE_ADMIN_URL = ENV.fetch("LONGWAVE_ADMIN_URL", "http://127.0.0.1:8090") # for this application alone
SESSION_LASTS = 15.minutes
PASSWORDS = { "alice" => "wonderland", "bob" => "builder" }.freeze # yours: has_secure_password, or Devise

class InboxApplication < Rails::Application
  config.load_defaults 6.1
  config.root = __dir__
  config.eager_load = true
  config.logger = ActiveSupport::Logger.new($stdout)
  config.secret_key_base = ENV.fetch("SECRET_KEY_BASE") { SecureRandom.hex(64) } # with several processes, all need the same
  config.session_store :cookie_store, key: "_inbox_session", expire_after: SESSION_LASTS, same_site: :lax,
                                      secure: false # true once the application and Longwave use HTTPS
  routes.append do
    get "/", to: "inbox#show"
    post "sign-in", to: "sessions#create"
    post "sign-out", to: "sessions#destroy"
    get "longwave-session", to: "sessions#show"
  end
end

class SessionsController < ActionController::Base
  def create
    password = PASSWORDS[params[:username]]
    if password && ActiveSupport::SecurityUtils.secure_compare(password, params[:password].to_s)
      reset_session # or a session from before could be somebody else's
      session[:user] = params[:username]
      redirect_to "/", status: :see_other
    else
      render plain: "Wrong name or password.", status: :unauthorized
    end
  end

  def destroy
    user = session[:user]
    reset_session
    end_streams(user) if user
    redirect_to "/", status: :see_other
  end

  # For Longwave. The browser could ask, too, and would learn about its own session only.
  def show
    return head :unauthorized unless session[:user]

    # The browser does not see the answer: being asked prolongs nothing, and only pages write the time.
    seconds = session[:ends_at].to_i - Time.now.to_i
    return head :unauthorized unless seconds.positive?

    render json: { subject: session[:user], expiresIn: seconds, subscribe: ["users/{sub}/**", "news"] }
  end

  private

  # The open streams of the user. Those of the user's other sessions reconnect.
  def end_streams(user)
    response = Net::HTTP.post(
      URI("#{LONGWAVE_ADMIN_URL}/admin/disconnect"), { subject: user }.to_json, "Content-Type" => "application/json"
    )
    response.value # raises unless Longwave has ended them
  end
end

class InboxController < ActionController::Base
  def show
    return render inline: SIGN_IN unless session[:user]

    session[:ends_at] = SESSION_LASTS.from_now.to_i
    @stream = { longwave: LONGWAVE_URL, topic: params.fetch(:topic, "users/#{session[:user]}/inbox") }
    render inline: INBOX
  end

  SIGN_IN = <<~ERB
    <!doctype html>
    <title>Inbox</title>
    <%= form_with url: "/sign-in" do |form| %>
      <label>Name <%= form.text_field :username, autocomplete: "username", required: true %></label>
      <label>Password <%= form.password_field :password, autocomplete: "current-password", required: true %></label>
      <%= form.button "Sign in" %>
    <% end %>
  ERB

  INBOX = <<~ERB
    <!doctype html>
    <title>Inbox</title>
    <%= form_with url: "/sign-out" do |form| %>
      <span id="user"><%= session[:user] %></span> <%= form.button "Sign out", id: "sign-out" %>
    <% end %>
    <p>Stream: <output id="state">connecting</output></p>
    <ul id="events"></ul>

    <script type="module">
      const { longwave, topic } = <%= raw json_escape(@stream.to_json) %>;
      const state = document.querySelector("#state");
      // With credentials, as Longwave has another port, and so another origin, than this page.
      const events = new EventSource(`${longwave}/events/${topic}`, { withCredentials: true });
      events.onopen = () => {
        state.textContent = "open";
      };
      events.onmessage = (event) => {
        const item = document.createElement("li");
        item.textContent = event.data;
        document.querySelector("#events").append(item);
      };
      events.onerror = () => {
        // CLOSED means that Longwave refused: the session has ended, or may not read the topic.
        state.textContent = events.readyState === EventSource.CLOSED ? "refused" : "reconnecting";
      };
    </script>
  ERB
end

InboxApplication.initialize!
run InboxApplication
